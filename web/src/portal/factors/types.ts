/** What every form that makes a factor needs to know. */
export interface FactorFormProps {
  /** Where the acts are: those of an activation, or of who is signed in. */
  under: 'activation' | 'account';
  onDone: () => Promise<void> | void;
}
