import { useState } from 'preact/hooks';
import { Alert, ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Choices } from '../../components/choice.tsx';
import { Field } from '../../components/field.tsx';
import { t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import type { ChallengeAnswer, TicketAnswer } from '../../lib/types.ts';
import { missing, useSubmission } from '../form.ts';
import { NewPassword } from '../newpassword.tsx';
import { Page } from '../page.tsx';
import { presentPasskey } from '../passkeys.ts';

type Stage = 'how' | 'code' | 'choose' | 'done';

/** A forgotten password: one proves who one is by a passkey, a recovery code or a mailed code, and chooses another. */
export default function ForgottenPage() {
  const words = t().forgotten;
  const [stage, setStage] = useState<Stage>('how');
  const [login, setLogin] = useState('');
  const [ticket, setTicket] = useState('');
  const reset = async (password: string) => {
    await post('forgotten/reset', { ticket, password });
    setStage('done');
  };
  return (
    <Page title={stage === 'choose' ? words.choose : words.title} entry>
      {stage === 'how' ? (
        <HowStage
          login={login}
          onLogin={setLogin}
          onTicket={(given, next) => {
            setTicket(given);
            setStage(next);
          }}
        />
      ) : null}
      {stage === 'code' ? <CodeStage ticket={ticket} onProved={() => setStage('choose')} onBack={() => setStage('how')} /> : null}
      {stage === 'choose' ? <NewPassword login={login} submit={words.save} send={reset} /> : null}
      {stage === 'done' ? (
        <>
          <Alert kind="success" live>
            <p>{words.done}</p>
          </Alert>
          <p>
            <a class="button button-primary" href="/connexion">
              {t().nav.signIn}
            </a>
          </p>
        </>
      ) : null}
    </Page>
  );
}

interface HowStageProps {
  login: string;
  onLogin: (login: string) => void;
  onTicket: (ticket: string, next: Stage) => void;
}

function HowStage({ login, onLogin, onTicket }: HowStageProps) {
  const words = t().forgotten;
  const [how, setHow] = useState<'passkey' | 'code' | 'help'>('code');
  const form = useSubmission({
    check: () => (how === 'code' ? missing({ login: [words.login, login] }) : {}),
    send: async () => {
      if (how === 'code') {
        onTicket((await post<TicketAnswer>('forgotten', { login })).ticket, 'code');
        return;
      }
      const challenge = await post<ChallengeAnswer>('forgotten/passkey-options');
      const response = await presentPasskey(challenge.options);
      const proof = { ticket: challenge.ticket, response, remember: false, shared: false };
      onTicket((await post<TicketAnswer>('forgotten/passkey', proof)).ticket, 'choose');
    },
  });
  return (
    <form class="stack" noValidate onSubmit={form.submit}>
      <ErrorSummary errors={form.errors} />
      <Choices
        id="how"
        legend={words.how}
        value={how}
        onValue={setHow}
        options={[
          { value: 'code', label: words.code, hint: words.codeHint },
          { value: 'passkey', label: words.passkey, hint: words.passkeyHint },
          { value: 'help', label: words.help, hint: words.helpHint },
        ]}
      />
      {how === 'code' ? (
        <Field
          id="login"
          label={words.login}
          value={login}
          onValue={onLogin}
          error={form.errors['login']}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
        />
      ) : null}
      {how === 'help' ? (
        <>
          <p>{words.helpText}</p>
          <p>
            <a href="/telephone">{words.helpLink}</a>
          </p>
        </>
      ) : (
        <div class="row">
          <Button kind="primary" type="submit" busy={form.busy}>
            {how === 'passkey' ? t().signIn.usePasskey : t().actions.continue}
          </Button>
        </div>
      )}
    </form>
  );
}

function CodeStage({ ticket, onProved, onBack }: { ticket: string; onProved: () => void; onBack: () => void }) {
  const words = t().forgotten;
  const [code, setCode] = useState('');
  const form = useSubmission({
    check: () => missing({ code: [words.typed, code] }),
    send: async () => {
      await post('forgotten/code', { ticket, code: code.trim() });
      onProved();
    },
    about: (problem) => (problem.code === 'denied' ? { code: problem.message || t().signIn.wrongCode } : undefined),
  });
  return (
    <form class="stack" noValidate onSubmit={form.submit}>
      <Alert kind="info" live>
        <p>{words.sent}</p>
      </Alert>
      <ErrorSummary errors={form.errors} />
      <Field
        id="code"
        class="input-code"
        label={words.typed}
        value={code}
        onValue={setCode}
        error={form.errors['code']}
        autocomplete="one-time-code"
        autocapitalize="none"
        spellcheck={false}
      />
      <div class="row">
        <Button kind="primary" type="submit" busy={form.busy}>
          {t().actions.continue}
        </Button>
        <Button onPress={onBack}>{t().actions.back}</Button>
      </div>
    </form>
  );
}
