import { useState } from 'preact/hooks';
import { ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { tell } from '../../components/toast.tsx';
import { t } from '../../i18n/index.ts';
import { remove } from '../../lib/api.ts';
import { useSubmission } from '../form.ts';
import { proved } from '../proof.tsx';

interface RevokeProps {
  /** What is taken away, as its owner calls it. */
  name: string;
  /** The short text of the button. */
  label: string;
  path: string;
  /** What is told when it is done. */
  done: string;
  onDone: () => Promise<void>;
}

/** A button that takes something away, after asking once. */
export function Revoke({ name, label, path, done, onDone }: RevokeProps) {
  const words = t().security;
  const [open, setOpen] = useState(false);
  const form = useSubmission({
    send: async () => {
      setOpen(false); // another window may ask for a proof
      await proved(() => remove(path));
      tell(done);
      await onDone();
    },
  });
  return (
    <>
      <Button kind="danger" busy={form.busy} onPress={() => setOpen(true)}>
        <span>
          {label} <span class="visually-hidden">{words.named(name)}</span>
        </span>
      </Button>
      <ErrorSummary errors={form.errors} />
      <Dialog title={words.question(label, name)} open={open} onClose={() => setOpen(false)}>
        <p>{words.revokeText}</p>
        <div class="row">
          <Button kind="danger" onPress={form.submit}>
            {t().actions.confirm}
          </Button>
          <Button onPress={() => setOpen(false)}>{t().actions.cancel}</Button>
        </div>
      </Dialog>
    </>
  );
}
