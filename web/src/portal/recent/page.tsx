import { recent } from '../../components/toast.tsx';
import { formatDate, t } from '../../i18n/index.ts';
import { Page } from '../page.tsx';

/** What was told in passing, to be read again. It is this window's alone, and ends with it. */
export default function RecentPage() {
  const words = t().recent;
  return (
    <Page title={words.title}>
      <p>{words.lead}</p>
      {recent.value.length === 0 ? <p class="hint">{words.none}</p> : null}
      <ol class="plain">
        {recent.value.map((told) => (
          <li key={told.id}>
            <span class="hint">{formatDate(told.at, 'datetime')}</span> {told.text}
          </li>
        ))}
      </ol>
    </Page>
  );
}
