import { Alert } from '../../components/alert.tsx';
import { Table } from '../../components/table.tsx';
import { formatDate, t } from '../../i18n/index.ts';
import type { JournalLine } from '../../lib/types.ts';
import { useLoaded } from '../loaded.tsx';
import { me } from '../me.ts';

/** What was done to one's account, and what it was used for. */
export function JournalPanel() {
  const words = t().security;
  const journal = useLoaded<JournalLine[]>('account/journal');
  if (journal.trouble) {
    return (
      <Alert kind="error" live>
        <p>{journal.trouble}</p>
      </Alert>
    );
  }
  if (!journal.value) return <p role="status">{t().loading}</p>;
  return (
    <div class="stack">
      <p>{words.journalLead}</p>
      <Table
        caption={words.journal}
        empty={words.journalNone}
        rows={journal.value}
        keyOf={(line) => `${line.at} ${line.what}`}
        columns={[
          { title: words.at, cell: (line) => formatDate(line.at, 'datetime') },
          { title: words.what, cell: (line) => words.acts[line.what] ?? line.what },
          { title: words.who, cell: whoOf },
          { title: words.reason, cell: (line) => line.reason || [line.agent, line.network].filter(Boolean).join(', ') },
        ]}
      />
    </div>
  );
}

/** Uses of the account have no actor: they are its owner's, or of somebody who passes for them. */
function whoOf(line: JournalLine): string {
  return line.actor === '' || line.actor === me.value?.login ? t().security.me : line.actor;
}
