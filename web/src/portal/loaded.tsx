import { useEffect, useState } from 'preact/hooks';
import { get, Problem } from '../lib/api.ts';
import { goInstead } from '../lib/router.ts';
import { problemText } from './form.ts';
import { me } from './me.ts';

/** What a page has read from the server: undefined until it is there. */
export interface Loaded<T> {
  value: T | undefined;
  /** Why it could not be read, "" while all is well. */
  trouble: string;
  reload: () => Promise<void>;
}

/** Reads something of who is signed in; whose session has ended is sent to sign in. */
export function useLoaded<T>(path: string): Loaded<T> {
  const [value, setValue] = useState<T | undefined>(undefined);
  const [trouble, setTrouble] = useState('');
  const reload = async () => {
    try {
      setValue(await get<T>(path));
      setTrouble('');
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === 'signed-out') {
        me.value = null;
        goInstead(`/connexion?suite=${location.pathname}`);
        return;
      }
      setTrouble(problemText(error));
    }
  };
  useEffect(() => void reload(), [path]);
  return { value, trouble, reload };
}
