import { useState } from 'preact/hooks';
import { ErrorSummary, type FormErrors } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Check, Choices } from '../../components/choice.tsx';
import { t } from '../../i18n/index.ts';
import { post, type Problem } from '../../lib/api.ts';
import type { ChallengeAnswer, SignInAnswer } from '../../lib/types.ts';
import { CodeField, codeBody, type Method } from '../code.tsx';
import { useSubmission } from '../form.ts';
import { Page } from '../page.tsx';
import { presentPasskey } from '../passkeys.ts';

interface SecondProofProps {
  asked: SignInAnswer;
  shared: boolean;
  onAnswer: (answer: SignInAnswer) => Promise<void>;
  onRestart: () => void;
}

/** The second step of a sign-in: a passkey, a code of an app or a grid, or a recovery code. */
export function SecondProof({ asked, shared, onAnswer, onRestart }: SecondProofProps) {
  const words = t().signIn;
  const methods = [...(asked.methods as Method[]), 'recovery' as const];
  const [method, setMethod] = useState<Method>(methods[0] ?? 'recovery');
  const [code, setCode] = useState('');
  const [remember, setRemember] = useState(false);
  const proof = useSubmission({
    check: (): FormErrors => (method !== 'passkey' && code.trim() === '' ? { code: t().errors.required(words.methods[method]) } : {}),
    send: async () => {
      if (method !== 'passkey') {
        await onAnswer(await post<SignInAnswer>('session/code', { ticket: asked.ticket, ...codeBody(method, code), remember, shared }));
        return;
      }
      const challenge = await post<ChallengeAnswer>('session/passkey-options', { ticket: asked.ticket });
      const response = await presentPasskey(challenge.options);
      await onAnswer(await post<SignInAnswer>('session/passkey', { ticket: challenge.ticket, response, remember, shared }));
    },
    about: (problem: Problem) => (problem.code === 'denied' && method !== 'passkey' ? { code: problem.message || words.wrongCode } : undefined),
  });
  return (
    <Page title={words.next} entry>
      <p>{words.nextLead}</p>
      <ErrorSummary errors={proof.errors} />
      <form class="stack" noValidate onSubmit={proof.submit}>
        <Choices
          id="method"
          legend={words.method}
          value={method}
          onValue={(value) => {
            setMethod(value);
            setCode('');
          }}
          options={methods.map((value) => ({ value, label: words.methods[value] }))}
        />
        {method === 'passkey' ? null : (
          <CodeField method={method} cells={asked.grid_asks} value={code} onValue={setCode} error={proof.errors['code']} />
        )}
        {shared ? null : (
          <Check id="remember" checked={remember} onChecked={setRemember}>
            {words.remember}
          </Check>
        )}
        <div class="row">
          <Button kind="primary" type="submit" busy={proof.busy}>
            {method === 'passkey' ? words.usePasskey : t().actions.continue}
          </Button>
          <Button onPress={onRestart}>{t().actions.back}</Button>
        </div>
      </form>
    </Page>
  );
}
