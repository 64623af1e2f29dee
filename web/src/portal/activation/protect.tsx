import { useState } from 'preact/hooks';
import { ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Choices } from '../../components/choice.tsx';
import { formatDate, t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import type { ActivationState } from '../../lib/types.ts';
import { GridForm } from '../factors/grid.tsx';
import { PasskeyForm } from '../factors/passkey.tsx';
import { TOTPForm } from '../factors/totp.tsx';
import { useSubmission } from '../form.ts';
import type { Watch } from './page.tsx';

interface ProtectStepProps {
  state: ActivationState;
  watch: Watch;
  onState: (state: ActivationState) => void;
  /** A factor was made: the server says where one stands. */
  onChanged: () => Promise<void>;
}

/** Step 3: a second proof, or later. */
export function ProtectStep({ state, watch, onState, onChanged }: ProtectStepProps) {
  const words = t().activation.factor;
  const [choice, setChoice] = useState<'passkey' | 'totp' | 'grid' | 'later'>('passkey');
  const later = useSubmission({
    send: async () => onState(await watch(() => post<ActivationState>('activation/later'))),
  });
  const due = state.exempt || !state.due ? words.laterFree : words.laterUntil(formatDate(state.due));
  return (
    <>
      <p>{words.lead}</p>
      <Choices
        id="choice"
        legend={words.choose}
        value={choice}
        onValue={setChoice}
        options={[
          { value: 'passkey', label: words.passkey, hint: words.passkeyHint },
          { value: 'totp', label: words.totp, hint: words.totpHint },
          { value: 'grid', label: words.grid, hint: words.gridHint },
          { value: 'later', label: words.later, hint: due },
        ]}
      />
      {choice === 'passkey' ? <PasskeyForm under="activation" onDone={onChanged} /> : null}
      {choice === 'totp' ? <TOTPForm under="activation" onDone={onChanged} /> : null}
      {choice === 'grid' ? <GridForm under="activation" onDone={onChanged} /> : null}
      {choice === 'later' ? (
        <form class="stack" noValidate onSubmit={later.submit}>
          <ErrorSummary errors={later.errors} />
          <div class="row">
            <Button kind="primary" type="submit" busy={later.busy}>
              {t().actions.continue}
            </Button>
          </div>
        </form>
      ) : null}
    </>
  );
}
