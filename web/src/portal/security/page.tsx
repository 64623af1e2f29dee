import { Alert } from '../../components/alert.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { t } from '../../i18n/index.ts';
import type { Security } from '../../lib/types.ts';
import { useLoaded } from '../loaded.tsx';
import { me } from '../me.ts';
import { Page } from '../page.tsx';
import { DevicesPanel } from './devices.tsx';
import { AddFactor, FactorsPanel } from './factors.tsx';
import { JournalPanel } from './journal.tsx';
import { PasswordPanel } from './password.tsx';
import { SessionsPanel } from './sessions.tsx';

/** What guards one's account, and where it is used. Past the date of « Plus tard » a second proof comes first, alone. */
export default function SecurityPage() {
  const words = t().security;
  const loaded = useLoaded<Security>('account/security');
  const security = loaded.value;
  const enrolling = me.value?.must_enrol === true;
  return (
    <Page title={words.title} key={enrolling ? 'enrolling' : 'open'}>
      {loaded.trouble ? (
        <Alert kind="error" live>
          <p>{loaded.trouble}</p>
        </Alert>
      ) : null}
      {enrolling ? <Enrolling onChanged={loaded.reload} /> : null}
      {security && !enrolling ? <Panels security={security} onChanged={loaded.reload} /> : null}
      {security || enrolling ? null : <p role="status">{loaded.trouble ? '' : t().loading}</p>}
    </Page>
  );
}

function Enrolling({ onChanged }: { onChanged: () => Promise<void> }) {
  return (
    <>
      <Alert kind="warning">
        <p>{t().home.enrol}</p>
      </Alert>
      <AddFactor onChanged={onChanged} />
    </>
  );
}

function Panels({ security, onChanged }: { security: Security; onChanged: () => Promise<void> }) {
  const words = t().security;
  return (
    <Tabs
      label={words.title}
      tabs={[
        { title: words.tabs.password, panel: () => <PasswordPanel onChanged={onChanged} /> },
        { title: words.tabs.factors, panel: () => <FactorsPanel protection={security.protection} onChanged={onChanged} /> },
        { title: words.tabs.devices, panel: () => <DevicesPanel security={security} onChanged={onChanged} /> },
        { title: words.tabs.sessions, panel: () => <SessionsPanel sessions={security.sessions} onChanged={onChanged} /> },
        { title: words.tabs.journal, panel: () => <JournalPanel /> },
      ]}
    />
  );
}
