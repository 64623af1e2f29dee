import { useState } from 'preact/hooks';
import { ErrorSummary, type FormErrors } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Choices } from '../../components/choice.tsx';
import { Field, SecretField } from '../../components/field.tsx';
import { t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import type { ActivationState } from '../../lib/types.ts';
import { missing, useSubmission } from '../form.ts';

/** Step 1: who one is, by NUMEN and birth date, or by a sheet that was handed over. */
export function ClaimStep({ onState }: { onState: (state: ActivationState) => void }) {
  const words = t().activation.claim;
  const [login, setLogin] = useState('');
  const [means, setMeans] = useState<'numen' | 'sheet'>('numen');
  const [numen, setNumen] = useState('');
  const [birthDate, setBirthDate] = useState('');
  const [sheet, setSheet] = useState('');
  const byNumen = means === 'numen';
  const form = useSubmission({
    check: (): FormErrors => {
      const found = missing({ login: [words.login, login] });
      const proof: FormErrors = byNumen
        ? missing({ numen: [words.numen, numen], 'birth-date': [words.birthDate, birthDate] })
        : missing({ sheet: [words.sheet, sheet] });
      return { ...found, ...proof };
    },
    send: async () => {
      const claim = byNumen ? { login, numen, birth_date: birthDate, sheet: '' } : { login, numen: '', birth_date: '', sheet };
      onState(await post<ActivationState>('activation', claim));
    },
    about: (problem) => (problem.code === 'denied' ? { '': byNumen ? words.wrong : problem.message } : undefined),
  });
  return (
    <>
      <form class="stack" noValidate onSubmit={form.submit}>
        <ErrorSummary errors={form.errors} />
        <Field
          id="login"
          label={words.login}
          hint={words.loginHint}
          value={login}
          onValue={setLogin}
          error={form.errors['login']}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
        />
        <Choices
          id="means"
          legend={words.with}
          value={means}
          onValue={setMeans}
          options={[
            { value: 'numen', label: words.withNumen },
            { value: 'sheet', label: words.withSheet },
          ]}
        />
        {byNumen ? (
          <>
            <SecretField
              id="numen"
              label={words.numen}
              hint={words.numenHint}
              value={numen}
              onValue={setNumen}
              error={form.errors['numen']}
              autocomplete="off"
              autocapitalize="characters"
            />
            <Field
              id="birth-date"
              label={words.birthDate}
              hint={words.birthDateHint}
              value={birthDate}
              onValue={setBirthDate}
              error={form.errors['birth-date']}
              autocomplete="bday"
            />
          </>
        ) : (
          <Field
            id="sheet"
            class="input-code"
            label={words.sheet}
            hint={words.sheetHint}
            value={sheet}
            onValue={setSheet}
            error={form.errors['sheet']}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
          />
        )}
        <div class="row">
          <Button kind="primary" type="submit" busy={form.busy}>
            {form.busy ? t().actions.wait : t().actions.continue}
          </Button>
        </div>
      </form>
      <details class="fold">
        <summary>{words.where}</summary>
        <div class="fold-body">
          <p>{words.whereText}</p>
          <p>
            <a href="/telephone">{t().nav.phone}</a>
          </p>
        </div>
      </details>
      <p>
        <a href="/connexion">{words.signIn}</a>
      </p>
    </>
  );
}
