import { useState } from 'preact/hooks';
import { ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import type { ChallengeAnswer, Factor } from '../../lib/types.ts';
import { missing, useSubmission } from '../form.ts';
import { makePasskey } from '../passkeys.ts';
import { proved } from '../proof.tsx';
import type { FactorFormProps } from './types.ts';

/** Makes a passkey of this device. */
export function PasskeyForm({ under, onDone }: FactorFormProps) {
  const words = t().factors;
  const [label, setLabel] = useState(words.passkeyDefault);
  const form = useSubmission({
    check: () => missing({ label: [words.label, label] }),
    send: async () => {
      const challenge = await proved(() => post<ChallengeAnswer>(`${under}/passkey-options`));
      const response = await makePasskey(challenge.options);
      await proved(() => post<Factor>(`${under}/passkeys`, { ticket: challenge.ticket, label, response }));
      await onDone();
    },
  });
  return (
    <form class="stack" noValidate onSubmit={form.submit}>
      <ErrorSummary errors={form.errors} />
      <Field id="label" label={words.label} value={label} onValue={setLabel} error={form.errors['label']} autocomplete="off" maxLength={60} />
      <div class="row">
        <Button kind="primary" type="submit" busy={form.busy}>
          {words.makePasskey}
        </Button>
      </div>
    </form>
  );
}
