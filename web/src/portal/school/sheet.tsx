import { Alert } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { formatDate, t } from '../../i18n/index.ts';
import type { SheetAnswer } from '../../lib/types.ts';
import { about } from '../about.ts';

/** A sheet as it is printed: whose it is, the code that is shown but here, and what to do with it. */
export function Sheet({ sheet, onDone }: { sheet: SheetAnswer; onDone: () => Promise<void> }) {
  const words = t().school;
  return (
    <>
      <div class="no-print">
        <Alert kind="warning">
          <p>{words.once}</p>
        </Alert>
      </div>
      <section class="card narrow" aria-label={words.sheet}>
        <dl class="facts">
          <dt>{words.name}</dt>
          <dd>{sheet.display}</dd>
          <dt>{words.login}</dt>
          <dd>{sheet.login}</dd>
          <dt>{words.until}</dt>
          <dd>{formatDate(sheet.expires, 'datetime')}</dd>
        </dl>
        <h2>{words.code}</h2>
        <code class="secret">{sheet.code}</code>
        <h2>{words.how}</h2>
        <ol class="numbered">
          <li>{words.steps.open(`${location.origin}/activation`)}</li>
          <li>{words.steps.choose(t().activation.claim.withSheet)}</li>
          <li>{words.steps.type}</li>
          <li>{words.steps.destroy}</li>
        </ol>
        {about.value.phone ? <p>{words.help(about.value.phone)}</p> : null}
      </section>
      <div class="row no-print">
        <Button kind="primary" onPress={() => print()}>
          {t().actions.print}
        </Button>
        <Button onPress={() => void onDone()}>{words.back}</Button>
      </div>
    </>
  );
}
