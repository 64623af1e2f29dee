import { useState } from 'preact/hooks';
import { Alert, ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import type { GridAnswer } from '../../lib/types.ts';
import { useSubmission } from '../form.ts';
import { proved } from '../proof.tsx';
import type { FactorFormProps } from './types.ts';

/** Makes a grid of codes and shows it once, to be printed. */
export function GridForm({ under, onDone }: FactorFormProps) {
  const words = t().factors;
  const [grid, setGrid] = useState<GridAnswer | null>(null);
  const form = useSubmission({ send: async () => setGrid(await proved(() => post<GridAnswer>(`${under}/grid`))) });
  if (!grid) {
    return (
      <form class="stack" noValidate onSubmit={form.submit}>
        <ErrorSummary errors={form.errors} />
        <div class="row">
          <Button kind="primary" type="submit" busy={form.busy}>
            {words.makeGrid}
          </Button>
        </div>
      </form>
    );
  }
  return (
    <div class="stack">
      <Alert kind="warning" live>
        <p>{words.gridLead}</p>
      </Alert>
      <GridTable rows={grid.rows} />
      <div class="row no-print">
        <Button onPress={() => print()}>{t().actions.print}</Button>
        <Button kind="primary" onPress={() => void onDone()}>
          {t().actions.continue}
        </Button>
      </div>
    </div>
  );
}

function GridTable({ rows }: { rows: string[][] }) {
  const words = t().factors;
  const columns = (rows[0] ?? []).map((_, index) => String.fromCharCode(65 + index));
  return (
    <div class="table-frame" tabIndex={0} role="group" aria-label={words.grid}>
      <table class="grid">
        <caption class="visually-hidden">{words.grid}</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">{words.line}</span>
            </th>
            {columns.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, line) => (
            <tr key={line}>
              <th scope="row">{line + 1}</th>
              {row.map((code, column) => (
                <td key={column}>{code}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
