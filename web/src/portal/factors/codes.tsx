import { Alert } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { t } from '../../i18n/index.ts';

/** Recovery codes, shown once: to be downloaded or printed. */
export function RecoveryCodes({ codes }: { codes: string[] }) {
  const words = t().factors;
  return (
    <div class="stack">
      <Alert kind="warning" live>
        <p>{words.shownOnce}</p>
      </Alert>
      <ul class="codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div class="row no-print">
        <Button onPress={() => download(words.file, codes)}>{t().actions.download}</Button>
        <Button onPress={() => print()}>{t().actions.print}</Button>
      </div>
    </div>
  );
}

/** Gives lines to the browser as a text file. */
function download(name: string, lines: string[]): void {
  const url = URL.createObjectURL(new Blob([lines.join('\r\n') + '\r\n'], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
