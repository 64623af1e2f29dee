import { useState } from 'preact/hooks';
import { ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Check } from '../../components/choice.tsx';
import { Field, SecretField } from '../../components/field.tsx';
import { t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import { safeNext } from '../../lib/next.ts';
import { goInstead } from '../../lib/router.ts';
import type { ChallengeAnswer, SignInAnswer } from '../../lib/types.ts';
import { missing, useSubmission } from '../form.ts';
import { learnMe } from '../me.ts';
import { Page } from '../page.tsx';
import { presentPasskey } from '../passkeys.ts';
import { SecondProof } from './second.tsx';

/** The way in: identifier and password, then the second proof where there is one; or a passkey alone. */
export default function SignInPage() {
  const [shared, setShared] = useState(false);
  const [asked, ask] = useState<SignInAnswer | null>(null);
  const go = async (answer: SignInAnswer) => {
    if (!answer.signed_in) {
      ask(answer);
      return;
    }
    const next = safeNext(new URLSearchParams(location.search).get('suite'));
    await learnMe();
    goInstead(next);
  };
  if (asked) return <SecondProof asked={asked} shared={shared} onAnswer={go} onRestart={() => ask(null)} />;
  return <FirstProof shared={shared} onShared={setShared} onAnswer={go} />;
}

interface FirstProofProps {
  shared: boolean;
  onShared: (shared: boolean) => void;
  onAnswer: (answer: SignInAnswer) => Promise<void>;
}

function FirstProof({ shared, onShared, onAnswer }: FirstProofProps) {
  const words = t().signIn;
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const byPassword = useSubmission({
    check: () => missing({ login: [words.login, login], password: [words.password, password] }),
    send: async () => onAnswer(await post<SignInAnswer>('session', { login, password, shared })),
    about: (problem) => (problem.code === 'denied' ? { login: words.wrong } : undefined),
  });
  const byPasskey = useSubmission({
    send: async () => {
      const challenge = await post<ChallengeAnswer>('session/passkey-options', { ticket: '' });
      const response = await presentPasskey(challenge.options);
      await onAnswer(await post<SignInAnswer>('session/passkey', { ticket: challenge.ticket, response, remember: false, shared }));
    },
  });
  return (
    <Page title={words.title} entry>
      <ErrorSummary errors={{ ...byPassword.errors, ...byPasskey.errors }} />
      <form class="stack" noValidate onSubmit={byPassword.submit}>
        <Field
          id="login"
          label={words.login}
          hint={words.loginHint}
          value={login}
          onValue={setLogin}
          error={byPassword.errors['login']}
          autocomplete="username webauthn"
          autocapitalize="none"
          spellcheck={false}
        />
        <SecretField
          id="password"
          label={words.password}
          value={password}
          onValue={setPassword}
          error={byPassword.errors['password']}
          autocomplete="current-password"
        />
        <Check id="shared" checked={shared} onChecked={onShared}>
          {words.shared}
        </Check>
        <Button kind="primary" type="submit" busy={byPassword.busy}>
          {byPassword.busy ? t().actions.wait : words.submit}
        </Button>
      </form>
      <div class="stack">
        <p class="hint centred">{words.or}</p>
        <Button busy={byPasskey.busy} onPress={byPasskey.submit}>
          {words.passkey}
        </Button>
      </div>
      <ul class="links">
        <li>
          <a href="/activation">{words.activate}</a>
        </li>
        <li>
          <a href="/mot-de-passe-oublie">{words.forgotten}</a>
        </li>
      </ul>
    </Page>
  );
}
