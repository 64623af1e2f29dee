import { useState } from 'preact/hooks';
import { Alert, ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Table } from '../../components/table.tsx';
import { tell } from '../../components/toast.tsx';
import { formatDate, t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import type { AppPasswordAnswer, Security } from '../../lib/types.ts';
import { useSubmission } from '../form.ts';
import { proved } from '../proof.tsx';
import { Revoke } from './revoke.tsx';

interface PanelProps {
  security: Security;
  onChanged: () => Promise<void>;
}

/** Passwords of mail programs, and the browsers that are known. */
export function DevicesPanel({ security, onChanged }: PanelProps) {
  const words = t().security;
  return (
    <div class="stack stack-wide">
      <section class="stack" aria-labelledby="apps">
        <h2 id="apps">{words.apps}</h2>
        <p>{words.appsLead}</p>
        <NewAppPassword onChanged={onChanged} />
        <Table
          caption={words.apps}
          headed
          empty={words.appsNone}
          rows={security.app_passwords}
          keyOf={(line) => String(line.id)}
          columns={[
            { title: words.name, cell: (line) => line.label },
            { title: words.created, cell: (line) => formatDate(line.created) },
            { title: words.used, cell: (line) => (line.used ? formatDate(line.used, 'datetime') : words.never) },
            {
              title: words.action,
              cell: (line) => (
                <Revoke name={line.label} label={words.revoke} path={`account/app-passwords/${line.id}`} done={words.revoked} onDone={onChanged} />
              ),
            },
          ]}
        />
      </section>
      <section class="stack" aria-labelledby="browsers">
        <h2 id="browsers">{words.browsers}</h2>
        <Table
          caption={words.browsers}
          headed
          empty={words.browsersNone}
          rows={security.devices}
          keyOf={(line) => String(line.id)}
          columns={[
            { title: words.browser, cell: (line) => line.agent },
            { title: words.first, cell: (line) => formatDate(line.first) },
            { title: words.seen, cell: (line) => formatDate(line.seen, 'datetime') },
            { title: words.remembered, cell: (line) => (line.remembered ? words.rememberedUntil(formatDate(line.remembered)) : words.notRemembered) },
            {
              title: words.action,
              cell: (line) => (
                <Revoke name={line.agent} label={words.forget} path={`account/devices/${line.id}`} done={words.revoked} onDone={onChanged} />
              ),
            },
          ]}
        />
      </section>
    </div>
  );
}

function NewAppPassword({ onChanged }: { onChanged: () => Promise<void> }) {
  const words = t().security;
  const [label, setLabel] = useState('');
  const [made, setMade] = useState<AppPasswordAnswer | null>(null);
  const form = useSubmission({
    check: (): Record<string, string> => (label.trim() === '' ? { 'app-label': words.appNeedsLabel } : {}),
    send: async () => {
      setMade(await proved(() => post<AppPasswordAnswer>('account/app-passwords', { label: label.trim() })));
      setLabel('');
      await onChanged();
    },
    about: (problem) => (problem.code === 'policy' || problem.code === 'invalid' ? { 'app-label': problem.message } : undefined),
  });
  return (
    <form class="stack narrow" noValidate onSubmit={form.submit}>
      <ErrorSummary errors={form.errors} />
      {made ? <Secret secret={made.secret} /> : null}
      <Field id="app-label" label={words.appLabel} value={label} onValue={setLabel} error={form.errors['app-label']} autocomplete="off" maxLength={60} />
      <div class="row">
        <Button kind="primary" type="submit" busy={form.busy}>
          {words.appMake}
        </Button>
      </div>
    </form>
  );
}

/** A secret that is shown once. */
function Secret({ secret }: { secret: string }) {
  const words = t().security;
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    tell(words.copied);
  };
  return (
    <Alert kind="success" live title={words.appSecret}>
      <code class="secret">{secret}</code>
      <p>{words.appOnce}</p>
      <div class="row">
        <Button onPress={() => void copy()}>{t().actions.copy}</Button>
      </div>
    </Alert>
  );
}
