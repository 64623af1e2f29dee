import { t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import type { ActivationState } from '../../lib/types.ts';
import { NewPassword } from '../newpassword.tsx';
import type { Watch } from './page.tsx';

interface ChooseStepProps {
  state: ActivationState;
  watch: Watch;
  onState: (state: ActivationState) => void;
}

/** Step 2: a password of one's own. */
export function ChooseStep({ state, watch, onState }: ChooseStepProps) {
  const choose = async (password: string) => onState(await watch(() => post<ActivationState>('activation/password', { password })));
  return (
    <>
      <p>{t().activation.password.lead(state.login)}</p>
      <NewPassword login={state.login} submit={t().actions.continue} send={choose} />
    </>
  );
}
