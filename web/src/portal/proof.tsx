import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { ErrorSummary } from '../components/alert.tsx';
import { Button } from '../components/button.tsx';
import { Choices } from '../components/choice.tsx';
import { Dialog } from '../components/dialog.tsx';
import { SecretField } from '../components/field.tsx';
import { t } from '../i18n/index.ts';
import { post, Problem } from '../lib/api.ts';
import type { StepUpOptions } from '../lib/types.ts';
import { CodeField, codeBody, type Method } from './code.tsx';
import { useSubmission } from './form.ts';
import { Declined, presentPasskey } from './passkeys.ts';

interface Waiting {
  options: StepUpOptions;
  done: (proved: boolean) => void;
}

/** Who waits for the person to prove once more who they are. */
const waiting = signal<Waiting | null>(null);

/**
 * Does something for which the proof may be too old: then asks for another, and does it again. Throws Declined when
 * the person does not give one.
 */
export async function proved<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'step-up') throw error;
  }
  const options = await post<StepUpOptions>('session/step-up-options');
  const ok = await new Promise<boolean>((done) => {
    waiting.value = { options, done };
  });
  waiting.value = null;
  if (!ok) throw new Declined(t().stepUp.lead);
  return act();
}

/** The window that asks. It stands once in the page. */
export function ProofDialog() {
  const current = waiting.value;
  return (
    <Dialog title={t().stepUp.title} open={current !== null} onClose={() => waiting.value?.done(false)}>
      {current ? <ProofForm options={current.options} onProved={() => current.done(true)} onCancel={() => current.done(false)} /> : null}
    </Dialog>
  );
}

type Way = Method | 'password';

function ProofForm({ options, onProved, onCancel }: { options: StepUpOptions; onProved: () => void; onCancel: () => void }) {
  const words = t().signIn;
  const ways: Way[] = options.methods.length === 0 ? ['password'] : [...(options.methods as Way[]), 'recovery'];
  const [way, setWay] = useState<Way>(ways[0] ?? 'password');
  const [secret, setSecret] = useState('');
  useEffect(() => setSecret(''), [way]);
  const proof = useSubmission({
    check: () => (way !== 'passkey' && secret === '' ? { [way === 'password' ? 'proof' : 'code']: t().errors.required(labelOf(way)) } : {}),
    send: async () => {
      await post('session/step-up', await body(way, secret, options));
      onProved();
    },
  });
  return (
    <form class="stack" noValidate onSubmit={proof.submit}>
      <p>{t().stepUp.lead}</p>
      <ErrorSummary errors={proof.errors} />
      {ways.length > 1 ? (
        <Choices
          id="way"
          legend={words.method}
          value={way}
          onValue={setWay}
          options={ways.map((value) => ({ value, label: labelOf(value) }))}
        />
      ) : null}
      {way === 'password' ? (
        <SecretField
          id="proof"
          label={words.password}
          value={secret}
          onValue={setSecret}
          error={proof.errors['proof']}
          autocomplete="current-password"
        />
      ) : null}
      {way === 'password' || way === 'passkey' ? null : (
        <CodeField method={way} cells={options.grid_asks} value={secret} onValue={setSecret} error={proof.errors['code']} />
      )}
      <div class="row">
        <Button kind="primary" type="submit" busy={proof.busy}>
          {way === 'passkey' ? words.usePasskey : t().stepUp.submit}
        </Button>
        <Button onPress={onCancel}>{t().actions.cancel}</Button>
      </div>
    </form>
  );
}

function labelOf(way: Way): string {
  const words = t().signIn;
  return way === 'password' ? words.password : words.methods[way];
}

/** What proves it, as the server takes it. */
async function body(way: Way, secret: string, options: StepUpOptions) {
  const nothing = { password: '', totp: '', grid: '', recovery: '', passkey: null, ticket: '' };
  if (way === 'password') return { ...nothing, password: secret };
  if (way !== 'passkey') return { ...nothing, ...codeBody(way, secret) };
  return { ...nothing, passkey: await presentPasskey(options.passkey?.options), ticket: options.passkey?.ticket ?? '' };
}
