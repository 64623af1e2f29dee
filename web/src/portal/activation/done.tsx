import { ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import { goInstead } from '../../lib/router.ts';
import { useSubmission } from '../form.ts';
import { learnMe } from '../me.ts';
import type { Watch } from './page.tsx';

/** Step 5: the account is opened, and one is signed in. */
export function DoneStep({ watch }: { watch: Watch }) {
  const words = t().activation.done;
  const finish = (then: string) => async () => {
    await watch(() => post('activation/finish'));
    await learnMe();
    goInstead(then);
  };
  const open = useSubmission({ send: finish('/') });
  const phone = useSubmission({ send: finish('/securite') });
  return (
    <>
      <p>{words.lead}</p>
      <ErrorSummary errors={{ ...open.errors, ...phone.errors }} />
      <div class="row">
        <Button kind="primary" busy={open.busy} onPress={open.submit}>
          {words.open}
        </Button>
        <Button busy={phone.busy} onPress={phone.submit}>
          {words.phone}
        </Button>
      </div>
    </>
  );
}
