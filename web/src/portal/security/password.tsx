import { useState } from 'preact/hooks';
import { tell } from '../../components/toast.tsx';
import { t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import { me } from '../me.ts';
import { NewPassword } from '../newpassword.tsx';
import { proved } from '../proof.tsx';

/** Another password: other sessions end. */
export function PasswordPanel({ onChanged }: { onChanged: () => Promise<void> }) {
  const words = t().security;
  const [round, setRound] = useState(0);
  const change = async (password: string) => {
    await proved(() => post('account/password', { password }));
    tell(words.changed);
    setRound(round + 1); // the fields are empty again
    await onChanged();
  };
  return <NewPassword key={round} login={me.value?.login ?? ''} submit={words.save} send={change} />;
}
