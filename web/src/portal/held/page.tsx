import { useState } from 'preact/hooks';
import { Alert, ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import type { HeldAnswer } from '../../lib/types.ts';
import { missing, useSubmission } from '../form.ts';
import { Page } from '../page.tsx';
import { Holding } from './holding.tsx';

/**
 * What is held about a guardian or a pupil, without signing in: one asks for a link, and opens it. The token stands in the
 * fragment. A link opens once, so it is opened by pressing, never by whatever else loads the page.
 */
export default function HeldPage() {
  const token = decodeURIComponent(location.hash.slice(1));
  const [held, setHeld] = useState<HeldAnswer | undefined>(undefined);
  return (
    <Page title={t().held.title}>
      {held ? <Holding held={held} /> : token === '' ? <Ask /> : <Open token={token} onOpened={setHeld} />}
    </Page>
  );
}

function Ask() {
  const words = t().held;
  const [address, setAddress] = useState('');
  const [asked, setAsked] = useState(false);
  const form = useSubmission({
    check: () => missing({ address: [words.address, address] }),
    send: async () => {
      await post('held/ask', { address });
      setAsked(true);
    },
    about: (problem) => (problem.code === 'invalid' ? { address: problem.message } : undefined),
  });
  if (asked) {
    return (
      <Alert kind="success" live>
        <p>{words.asked}</p>
      </Alert>
    );
  }
  return (
    <form class="stack" noValidate onSubmit={form.submit}>
      <p>{words.lead}</p>
      <ErrorSummary errors={form.errors} />
      <Field
        id="address"
        label={words.address}
        type="email"
        inputMode="email"
        autocomplete="email"
        autocapitalize="none"
        spellcheck={false}
        value={address}
        onValue={setAddress}
        error={form.errors['address']}
      />
      <Button kind="primary" type="submit" busy={form.busy}>
        {words.ask}
      </Button>
    </form>
  );
}

function Open({ token, onOpened }: { token: string; onOpened: (held: HeldAnswer) => void }) {
  const words = t().held;
  const form = useSubmission({ send: async () => onOpened(await post<HeldAnswer>('held/open', { token })) });
  return (
    <div class="stack">
      <p>{words.ready}</p>
      <ErrorSummary errors={form.errors} />
      <Button kind="primary" busy={form.busy} onPress={() => form.submit()}>
        {words.open}
      </Button>
    </div>
  );
}
