import { signal } from '@preact/signals';
import { get, Problem, remove } from '../lib/api.ts';
import type { SessionInfo } from '../lib/types.ts';

/** Who is signed in: null for nobody, undefined until it is known. */
export const me = signal<SessionInfo | null | undefined>(undefined);

/** Asks the server who is signed in. */
export async function learnMe(): Promise<void> {
  try {
    me.value = await get<SessionInfo>('session');
  } catch (error) {
    // Without an answer nothing private is shown; the page says what is wrong when it asks again.
    if (error instanceof Problem) me.value = null;
    else throw error;
  }
}

/**
 * Signs out on the server, then loads the sign-in page anew: nothing of what was shown stays in memory.
 */
export async function signOut(): Promise<void> {
  try {
    await remove('session');
  } finally {
    location.replace('/connexion');
  }
}
