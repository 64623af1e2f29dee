import { useState } from 'preact/hooks';
import { Alert, ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Table } from '../../components/table.tsx';
import { formatDate, t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import type { SheetAnswer, WaitingLine } from '../../lib/types.ts';
import { useSubmission } from '../form.ts';
import { useLoaded } from '../loaded.tsx';
import { Page } from '../page.tsx';
import { proved } from '../proof.tsx';
import { Sheet } from './sheet.tsx';

/** Those of a head's school who have not activated their account, and the sheets that are handed over to them. */
export default function SchoolPage() {
  const words = t().school;
  const waiting = useLoaded<WaitingLine[]>('school/waiting');
  const [sheet, setSheet] = useState<SheetAnswer | null>(null);
  const back = async () => {
    setSheet(null);
    await waiting.reload();
  };
  if (sheet) {
    return (
      <Page key="sheet" title={words.sheetTitle(sheet.display)}>
        <Sheet sheet={sheet} onDone={back} />
      </Page>
    );
  }
  return (
    <Page key="list" title={words.title}>
      {waiting.trouble ? (
        <Alert kind="error" live>
          <p>{waiting.trouble}</p>
        </Alert>
      ) : null}
      {waiting.value ? <Waiting lines={waiting.value} onSheet={setSheet} /> : <p role="status">{waiting.trouble ? '' : t().loading}</p>}
    </Page>
  );
}

function Waiting({ lines, onSheet }: { lines: WaitingLine[]; onSheet: (sheet: SheetAnswer) => void }) {
  const words = t().school;
  return (
    <>
      <p>{words.lead}</p>
      <Table
        caption={words.title}
        headed
        empty={words.none}
        rows={lines}
        keyOf={(line) => line.login}
        columns={[
          { title: words.name, cell: (line) => line.display },
          { title: words.login, cell: (line) => line.login },
          { title: words.place, cell: (line) => [line.school, line.uai].filter(Boolean).join(', ') },
          { title: words.starts, cell: (line) => formatDate(line.starts) },
          { title: words.opensBy, cell: opensBy },
          { title: words.action, cell: (line) => <HandOver line={line} onSheet={onSheet} /> },
        ]}
      />
    </>
  );
}

/** By what somebody may activate their account as it is. */
function opensBy(line: WaitingLine): string {
  const words = t().school;
  const ways = [
    line.numen_until ? words.numenUntil(formatDate(line.numen_until)) : words.noNumen,
    line.sheet_until ? words.sheetUntil(formatDate(line.sheet_until)) : '',
  ];
  return ways.filter(Boolean).join(' ');
}

function HandOver({ line, onSheet }: { line: WaitingLine; onSheet: (sheet: SheetAnswer) => void }) {
  const words = t().school;
  const form = useSubmission({
    send: async () => onSheet(await proved(() => post<SheetAnswer>('school/sheets', { login: line.login }))),
  });
  return (
    <>
      <Button busy={form.busy} onPress={form.submit}>
        <span>
          {line.sheet_until ? words.again : words.handOver} <span class="visually-hidden">{words.to(line.display)}</span>
        </span>
      </Button>
      <ErrorSummary errors={form.errors} />
    </>
  );
}
