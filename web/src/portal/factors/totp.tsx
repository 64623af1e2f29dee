import { useEffect, useState } from 'preact/hooks';
import { ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import type { Factor, TOTPOptions } from '../../lib/types.ts';
import { missing, useSubmission } from '../form.ts';
import { proved } from '../proof.tsx';
import type { FactorFormProps } from './types.ts';

/** Takes an authenticator app on: shows the key, then asks for a code. */
export function TOTPForm({ under, onDone }: FactorFormProps) {
  const words = t().factors;
  const [options, setOptions] = useState<TOTPOptions | null>(null);
  const [label, setLabel] = useState(words.labelDefault);
  const [code, setCode] = useState('');
  const begin = useSubmission({
    send: async () => setOptions(await proved(() => post<TOTPOptions>(`${under}/totp-options`))),
  });
  const form = useSubmission({
    check: () => missing({ label: [words.label, label], code: [words.code, code] }),
    send: async () => {
      await proved(() => post<Factor>(`${under}/totp`, { ticket: options?.ticket, label, code: code.replace(/\s/g, '') }));
      await onDone();
    },
    about: (problem) => (problem.code === 'denied' ? { code: problem.message || t().signIn.wrongCode } : undefined),
  });
  useEffect(() => begin.submit(), []);
  if (!options) {
    return (
      <div class="stack">
        <ErrorSummary errors={begin.errors} />
        {begin.busy ? <p role="status">{t().loading}</p> : <Button onPress={begin.submit}>{t().actions.retry}</Button>}
      </div>
    );
  }
  return (
    <form class="stack" noValidate onSubmit={form.submit}>
      <ErrorSummary errors={form.errors} />
      <p>{words.scan}</p>
      <img class="qr" src={options.qr} width="240" height="240" alt={words.qr} />
      <div>
        <p class="legend" id="totp-key">
          {words.key}
        </p>
        <code class="secret" aria-labelledby="totp-key" role="group">
          {options.secret}
        </code>
      </div>
      <Field id="label" label={words.label} value={label} onValue={setLabel} error={form.errors['label']} autocomplete="off" maxLength={60} />
      <Field
        id="code"
        class="input-code"
        label={words.code}
        value={code}
        onValue={setCode}
        error={form.errors['code']}
        inputMode="numeric"
        autocomplete="one-time-code"
      />
      <div class="row">
        <Button kind="primary" type="submit" busy={form.busy}>
          {words.verify}
        </Button>
      </div>
    </form>
  );
}
