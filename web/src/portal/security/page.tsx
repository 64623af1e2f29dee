import { Alert } from '../../components/alert.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { t } from '../../i18n/index.ts';
import type { Security } from '../../lib/types.ts';
import { useLoaded } from '../loaded.tsx';
import { me } from '../me.ts';
import { Page } from '../page.tsx';
import { DevicesPanel } from './devices.tsx';
import { FactorsPanel } from './factors.tsx';
import { JournalPanel } from './journal.tsx';
import { PasswordPanel } from './password.tsx';
import { SessionsPanel } from './sessions.tsx';

/** What guards one's account, and where it is used. */
export default function SecurityPage() {
  const words = t().security;
  const loaded = useLoaded<Security>('account/security');
  const security = loaded.value;
  return (
    <Page title={words.title}>
      {loaded.trouble ? (
        <Alert kind="error" live>
          <p>{loaded.trouble}</p>
        </Alert>
      ) : null}
      {me.value?.must_enrol ? (
        <Alert kind="warning">
          <p>{t().home.enrol}</p>
        </Alert>
      ) : null}
      {security ? (
        <Tabs
          label={words.title}
          tabs={[
            { title: words.tabs.password, panel: () => <PasswordPanel onChanged={loaded.reload} /> },
            { title: words.tabs.factors, panel: () => <FactorsPanel protection={security.protection} onChanged={loaded.reload} /> },
            { title: words.tabs.devices, panel: () => <DevicesPanel security={security} onChanged={loaded.reload} /> },
            { title: words.tabs.sessions, panel: () => <SessionsPanel sessions={security.sessions} onChanged={loaded.reload} /> },
            { title: words.tabs.journal, panel: () => <JournalPanel /> },
          ]}
        />
      ) : (
        <p role="status">{loaded.trouble ? '' : t().loading}</p>
      )}
    </Page>
  );
}
