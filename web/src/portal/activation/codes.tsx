import { useState } from 'preact/hooks';
import { ErrorSummary, type FormErrors } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Check } from '../../components/choice.tsx';
import { t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import type { CodesAnswer } from '../../lib/types.ts';
import { AddressForm } from '../factors/address.tsx';
import { RecoveryCodes } from '../factors/codes.tsx';
import { useSubmission } from '../form.ts';
import type { Watch } from './page.tsx';

/** Step 4: ten recovery codes, and a recovery address for who wants one. */
export function CodesStep({ watch, onDone }: { watch: Watch; onDone: () => Promise<void> }) {
  const words = t().activation.codes;
  const [codes, setCodes] = useState<string[] | null>(null);
  const [kept, setKept] = useState(false);
  const make = useSubmission({
    send: async () => setCodes((await watch(() => post<CodesAnswer>('activation/recovery-codes'))).codes),
  });
  const next = useSubmission({
    check: (): FormErrors => {
      if (!codes) return { '': words.mustMake };
      return kept ? {} : { kept: words.mustKeep };
    },
    send: onDone,
  });
  return (
    <>
      <p>{words.lead}</p>
      <ErrorSummary errors={{ ...make.errors, ...next.errors }} />
      {codes ? (
        <RecoveryCodes codes={codes} />
      ) : (
        <div class="row">
          <Button kind="primary" busy={make.busy} onPress={make.submit}>
            {words.make}
          </Button>
        </div>
      )}
      {codes ? (
        <Check id="kept" checked={kept} onChecked={setKept} error={next.errors['kept']}>
          {words.kept}
        </Check>
      ) : null}
      <AddressForm under="activation" onDone={() => undefined} />
      <div class="row">
        <Button kind={codes ? 'primary' : 'secondary'} busy={next.busy} onPress={next.submit}>
          {t().actions.continue}
        </Button>
      </div>
    </>
  );
}
