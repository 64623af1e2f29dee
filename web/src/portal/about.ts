import { signal } from '@preact/signals';
import { get } from '../lib/api.ts';
import type { About } from '../lib/types.ts';

/** What the académie says of itself; empty until it is known, and where the server does not answer. */
export const about = signal<About>({
  name: '', domain: '', phone: '', hours: '', helpdesk: '', publisher: '', host: '', dpo: '', demo: false,
});

export async function learnAbout(): Promise<void> {
  try {
    about.value = await get<About>('about');
  } catch {
    return; // the pages are of use without it
  }
}
