import { useState } from 'preact/hooks';
import { Alert, ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import type { TicketAnswer } from '../../lib/types.ts';
import { missing, useSubmission } from '../form.ts';
import { proved } from '../proof.tsx';
import type { FactorFormProps } from './types.ts';

/** Takes a recovery address on: mails a code there, then asks for it. */
export function AddressForm({ under, onDone }: FactorFormProps) {
  const words = t().factors;
  const [address, setAddress] = useState('');
  const [ticket, setTicket] = useState('');
  const [code, setCode] = useState('');
  const [done, setDone] = useState(false);
  const send = useSubmission({
    check: () => missing({ address: [words.address, address] }),
    send: async () => setTicket((await proved(() => post<TicketAnswer>(`${under}/recovery-address`, { address }))).ticket),
    about: (problem) => (problem.status === 422 ? { address: problem.message } : undefined),
  });
  const confirm = useSubmission({
    check: () => missing({ 'mailed-code': [words.mailedCode, code] }),
    send: async () => {
      await proved(() => post(`${under}/recovery-address/code`, { ticket, code: code.trim() }));
      setDone(true);
      await onDone();
    },
    about: (problem) => (problem.code === 'denied' ? { 'mailed-code': problem.message || t().signIn.wrongCode } : undefined),
  });
  if (done) {
    return (
      <Alert kind="success" live>
        <p>{words.addressDone}</p>
      </Alert>
    );
  }
  return (
    <div class="stack">
      <form class="stack" noValidate onSubmit={send.submit}>
        <ErrorSummary errors={send.errors} />
        <Field
          id="address"
          type="email"
          label={`${words.address} (${words.optional})`}
          hint={words.addressHint}
          value={address}
          onValue={setAddress}
          error={send.errors['address']}
          inputMode="email"
          autocomplete="email"
        />
        <div class="row">
          <Button type="submit" busy={send.busy}>
            {words.sendCode}
          </Button>
        </div>
      </form>
      {ticket === '' ? null : (
        <form class="stack" noValidate onSubmit={confirm.submit}>
          <ErrorSummary errors={confirm.errors} />
          <Field
            id="mailed-code"
            class="input-code"
            label={words.mailedCode}
            hint={words.mailedHint}
            value={code}
            onValue={setCode}
            error={confirm.errors['mailed-code']}
            inputMode="numeric"
            autocomplete="one-time-code"
          />
          <div class="row">
            <Button type="submit" busy={confirm.busy}>
              {words.confirmAddress}
            </Button>
          </div>
        </form>
      )}
    </div>
  );
}
