import { Field } from '../components/field.tsx';
import { t } from '../i18n/index.ts';

/** A way to prove who one is, besides the password. */
export type Method = 'passkey' | 'totp' | 'grid' | 'recovery';

interface CodeFieldProps {
  method: Exclude<Method, 'passkey'>;
  /** The cells of the grid that are asked for. */
  cells: string[];
  value: string;
  onValue: (value: string) => void;
  error?: string | undefined;
}

/** The field for a code of one of the ways. */
export function CodeField({ method, cells, value, onValue, error }: CodeFieldProps) {
  const words = t().signIn;
  const shape = {
    totp: { label: words.totp, hint: undefined, inputMode: 'numeric', autocomplete: 'one-time-code' },
    grid: { label: words.grid(cells.join(', ')), hint: words.gridHint, inputMode: 'text', autocomplete: 'off' },
    recovery: { label: words.recovery, hint: words.recoveryHint, inputMode: 'text', autocomplete: 'off' },
  } as const;
  return (
    <Field
      id="code"
      class="input-code"
      {...shape[method]}
      value={value}
      onValue={onValue}
      error={error}
      autocapitalize="none"
      spellcheck={false}
    />
  );
}

/** The part of a request that bears a code of one of the ways. */
export function codeBody(method: Exclude<Method, 'passkey'>, code: string) {
  const plain = code.trim();
  return {
    totp: method === 'totp' ? plain.replace(/\s/g, '') : '',
    grid: method === 'grid' ? plain : '',
    recovery: method === 'recovery' ? plain : '',
  };
}
