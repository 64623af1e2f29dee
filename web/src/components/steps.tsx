import { t } from '../i18n/index.ts';

/** Where one is in a path of several steps, in words and as a bar. */
export function Steps({ at, of }: { at: number; of: number }) {
  const text = t().steps(at, of);
  return (
    <div class="steps">
      <p>{text}</p>
      <progress value={at} max={of} aria-label={text} />
    </div>
  );
}
