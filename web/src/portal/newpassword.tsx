import { useState } from 'preact/hooks';
import { ErrorSummary } from '../components/alert.tsx';
import { Button } from '../components/button.tsx';
import { SecretField } from '../components/field.tsx';
import { t } from '../i18n/index.ts';
import { missing, useSubmission } from './form.ts';

/** The fewest characters of a chosen password. */
const shortest = 12;

interface NewPasswordProps {
  /** For password managers: whose password it is. */
  login: string;
  submit: string;
  send: (password: string) => Promise<void>;
}

/** Two fields that choose a password; what is wrong with it otherwise the server says. */
export function NewPassword({ login, submit, send }: NewPasswordProps) {
  const words = t().password;
  const [fresh, setFresh] = useState('');
  const [again, setAgain] = useState('');
  const form = useSubmission({
    check: () => {
      const found = missing({ fresh: [words.fresh, fresh], again: [words.again, again] });
      if (Object.keys(found).length > 0) return found;
      if ([...fresh].length < shortest) return { fresh: words.short };
      return fresh === again ? {} : { again: words.differ };
    },
    send: () => send(fresh),
    about: (problem) => (problem.code === 'policy' ? { fresh: problem.message } : undefined),
  });
  return (
    <form class="stack" noValidate onSubmit={form.submit}>
      <ErrorSummary errors={form.errors} />
      <input class="visually-hidden" type="text" autocomplete="username" value={login} readOnly tabIndex={-1} aria-hidden="true" />
      <SecretField id="fresh" label={words.fresh} hint={words.hint} value={fresh} onValue={setFresh} error={form.errors['fresh']} autocomplete="new-password" />
      <SecretField id="again" label={words.again} value={again} onValue={setAgain} error={form.errors['again']} autocomplete="new-password" />
      <p class="hint">{words.rules}</p>
      <div class="row">
        <Button kind="primary" type="submit" busy={form.busy}>
          {form.busy ? t().actions.wait : submit}
        </Button>
      </div>
    </form>
  );
}
