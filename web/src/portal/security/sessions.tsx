import { ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Table } from '../../components/table.tsx';
import { tell } from '../../components/toast.tsx';
import { formatDate, t } from '../../i18n/index.ts';
import { remove } from '../../lib/api.ts';
import type { SessionLine } from '../../lib/types.ts';
import { useSubmission } from '../form.ts';
import { proved } from '../proof.tsx';
import { Revoke } from './revoke.tsx';

/** « Mes connexions »: where one is signed in. */
export function SessionsPanel({ sessions, onChanged }: { sessions: SessionLine[]; onChanged: () => Promise<void> }) {
  const words = t().security;
  const hows: Record<string, string> = words.hows;
  const others = useSubmission({
    send: async () => {
      await proved(() => remove('account/sessions'));
      tell(words.othersDone);
      await onChanged();
    },
  });
  return (
    <div class="stack stack-wide">
      <Table
        caption={words.sessions}
        empty=""
        rows={sessions}
        keyOf={(line) => String(line.id)}
        columns={[
          { title: words.browser, cell: (line) => (line.current ? `${line.agent} (${words.current})` : line.agent) },
          { title: words.network, cell: (line) => line.network },
          { title: words.opened, cell: (line) => formatDate(line.created, 'datetime') },
          { title: words.seen, cell: (line) => formatDate(line.seen, 'datetime') },
          { title: words.how, cell: (line) => hows[line.how] ?? line.how },
          {
            title: words.action,
            cell: (line) =>
              line.current ? (
                t().security.current
              ) : (
                <Revoke name={line.agent} label={words.revoke} path={`account/sessions/${line.id}`} done={words.revoked} onDone={onChanged} />
              ),
          },
        ]}
      />
      <ErrorSummary errors={others.errors} />
      <div class="row">
        <Button kind="danger" busy={others.busy} onPress={others.submit}>
          {words.others}
        </Button>
      </div>
    </div>
  );
}
