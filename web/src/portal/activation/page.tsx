import { useEffect, useState } from 'preact/hooks';
import { Alert } from '../../components/alert.tsx';
import { Steps } from '../../components/steps.tsx';
import { t } from '../../i18n/index.ts';
import { get, Problem } from '../../lib/api.ts';
import type { ActivationState } from '../../lib/types.ts';
import { Page } from '../page.tsx';
import { ChooseStep } from './choose.tsx';
import { ClaimStep } from './claim.tsx';
import { CodesStep } from './codes.tsx';
import { DoneStep } from './done.tsx';
import { ProtectStep } from './protect.tsx';

/** The five steps of an activation (UX, flow a). Where one stands is known to the server: a reload goes on there. */
export default function ActivationPage() {
  const [state, setState] = useState<ActivationState | null | undefined>(undefined);
  const [expired, setExpired] = useState(false);
  const learn = async () => {
    try {
      setState(await get<ActivationState>('activation'));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setState(null);
    }
  };
  useEffect(() => void learn(), []);
  if (state === undefined) return <p role="status">{t().loading}</p>;

  /** A step whose activation is over begins again; other problems are the step's own. */
  const watch = async <T,>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      if (error instanceof Problem && error.code === 'no-activation') {
        setExpired(true);
        setState(null);
      }
      throw error;
    }
  };
  const step = state?.step ?? 1;
  return (
    <Page title={titleOf(step)} entry key={step}>
      <Steps at={step} of={5} />
      {expired && step === 1 ? (
        <Alert kind="warning" live>
          <p>{t().activation.restart}</p>
        </Alert>
      ) : null}
      {state === null ? <ClaimStep onState={setState} /> : null}
      {state && step === 2 ? <ChooseStep state={state} watch={watch} onState={setState} /> : null}
      {state && step === 3 ? <ProtectStep state={state} watch={watch} onState={setState} onChanged={learn} /> : null}
      {state && step === 4 ? <CodesStep watch={watch} onDone={learn} /> : null}
      {state && step === 5 ? <DoneStep watch={watch} /> : null}
    </Page>
  );
}

/** Runs an act of a step, and begins the activation again where it is over. */
export type Watch = <T>(act: () => Promise<T>) => Promise<T>;

function titleOf(step: number): string {
  const words = t().activation;
  return [words.claim, words.password, words.factor, words.codes, words.done][step - 1]?.title ?? words.claim.title;
}
