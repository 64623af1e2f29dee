import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Alert, ErrorSummary, type FormErrors } from '../components/alert.tsx';
import { Button } from '../components/button.tsx';
import { Check, Choices } from '../components/choice.tsx';
import { Combobox } from '../components/combobox.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Field, SecretField } from '../components/field.tsx';
import { Menu } from '../components/menu.tsx';
import { Steps } from '../components/steps.tsx';
import { Table } from '../components/table.tsx';
import { Tabs } from '../components/tabs.tsx';
import { tell } from '../components/toast.tsx';
import { language, t } from '../i18n/index.ts';
import { Page } from '../portal/page.tsx';
import { Shell } from '../portal/shell.tsx';
import { fr, type ShowcaseWords } from './fr.ts';

/** The page that shows every component, as it is used. */
export function Showcase() {
  const words = useWords();
  return (
    <Shell header={null}>
      <Page title={words.title}>
        <p>{words.lead}</p>
        <Part title={words.buttons.title}>
          <Buttons words={words.buttons} />
        </Part>
        <Part title={words.fields.title}>
          <Fields words={words.fields} />
        </Part>
        <Part title={words.choices.title}>
          <Choosing words={words.choices} />
        </Part>
        <Part title={words.combobox.title}>
          <Completing words={words} />
        </Part>
        <Part title={words.alerts.title}>
          <Alert kind="info">{words.alerts.info}</Alert>
          <Alert kind="success">{words.alerts.success}</Alert>
          <Alert kind="warning">{words.alerts.warning}</Alert>
          <Alert kind="error">{words.alerts.error}</Alert>
        </Part>
        <Part title={words.menu.title}>
          <div class="row">
            <Menu
              label={words.menu.label}
              items={[words.menu.rename, words.menu.revoke].map((label) => ({ label, onPress: () => tell(words.menu.done(label)) }))}
            />
          </div>
        </Part>
        <Part title={words.dialog.title}>
          <Asking words={words.dialog} />
        </Part>
        <Part title={words.table.title}>
          <Table
            caption={words.table.caption}
            empty={words.table.empty}
            rows={words.table.rows}
            keyOf={(row) => row[0] ?? ''}
            columns={[words.table.device, words.table.place, words.table.last].map((title, index) => ({
              title,
              cell: (row: string[]) => row[index],
            }))}
          />
        </Part>
        <Part title={words.tabs.title}>
          <Tabs
            label={words.tabs.label}
            tabs={[words.tabs.password, words.tabs.factors, words.tabs.devices].map((title) => ({
              title,
              panel: () => <p>{words.tabs.panel(title)}</p>,
            }))}
          />
        </Part>
        <Part title={words.fold.title}>
          <Steps at={2} of={5} />
          <details class="fold">
            <summary>{words.fold.summary}</summary>
            <div class="fold-body">
              <p>{words.fold.text}</p>
            </div>
          </details>
        </Part>
      </Page>
    </Shell>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="stack" aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Buttons({ words }: { words: ShowcaseWords['buttons'] }) {
  return (
    <div class="row">
      <Button kind="primary">{words.primary}</Button>
      <Button>{words.secondary}</Button>
      <Button kind="danger">{words.danger}</Button>
      <Button kind="plain">{words.plain}</Button>
      <Button kind="primary" busy>
        {words.busy}
      </Button>
      <Button onPress={() => tell(words.told)}>{words.toast}</Button>
    </div>
  );
}

function Fields({ words }: { words: ShowcaseWords['fields'] }) {
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const [code, setCode] = useState('');
  const [errors, setErrors] = useState<FormErrors>({});
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const found: FormErrors = {};
    if (name === '') found['demo-name'] = words.needName;
    if (!/^\d{6}$/.test(code)) found['demo-code'] = words.wrongCode;
    setErrors(found);
  };
  return (
    <form class="stack" noValidate onSubmit={submit}>
      <ErrorSummary errors={errors} />
      <Field id="demo-name" label={words.name} hint={words.nameHint} value={name} onValue={setName} error={errors['demo-name']} autocomplete="off" />
      <SecretField id="demo-secret" label={words.secret} hint={words.secretHint} value={secret} onValue={setSecret} autocomplete="new-password" />
      <Field
        id="demo-code"
        class="input-code"
        label={words.code}
        value={code}
        onValue={setCode}
        error={errors['demo-code']}
        inputMode="numeric"
        autocomplete="one-time-code"
      />
      <div class="row">
        <Button kind="primary" type="submit">
          {words.submit}
        </Button>
      </div>
    </form>
  );
}

function Choosing({ words }: { words: ShowcaseWords['choices'] }) {
  const [factor, setFactor] = useState<'passkey' | 'totp' | 'later'>('passkey');
  const [kept, setKept] = useState(false);
  return (
    <div class="stack narrow">
      <Choices
        id="demo-factor"
        legend={words.legend}
        value={factor}
        onValue={setFactor}
        options={[
          { value: 'passkey', label: words.passkey, hint: words.passkeyHint },
          { value: 'totp', label: words.totp },
          { value: 'later', label: words.later },
        ]}
      />
      <Check id="demo-kept" checked={kept} onChecked={setKept}>
        {words.kept}
      </Check>
    </div>
  );
}

function Completing({ words }: { words: ShowcaseWords }) {
  const [subject, setSubject] = useState('');
  return (
    <Combobox
      id="demo-subject"
      label={words.combobox.label}
      hint={words.combobox.hint}
      options={words.subjects}
      value={subject}
      onValue={setSubject}
    />
  );
}

function Asking({ words }: { words: ShowcaseWords['dialog'] }) {
  const [open, setOpen] = useState(false);
  return (
    <div class="row">
      <Button onPress={() => setOpen(true)}>{words.open}</Button>
      <Dialog title={words.question} open={open} onClose={() => setOpen(false)}>
        <p>{words.text}</p>
        <div class="row">
          <Button kind="danger" onPress={() => setOpen(false)}>
            {t().actions.confirm}
          </Button>
          <Button onPress={() => setOpen(false)}>{t().actions.cancel}</Button>
        </div>
      </Dialog>
    </div>
  );
}

function useWords(): ShowcaseWords {
  const [words, setWords] = useState<ShowcaseWords>(fr);
  useEffect(() => {
    if (language.value === 'fr') setWords(fr);
    else void import('./en.ts').then(({ en }) => setWords(en));
  }, [language.value]);
  return words;
}
