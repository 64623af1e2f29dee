import { signal } from '@preact/signals';
import { fr, type Words } from './fr.ts';

export type Language = 'fr' | 'en';

/** The language that the page is in. */
export const language = signal<Language>('fr');

const words = signal<Words>(fr);

/** The texts of the page in its language. */
export const t = (): Words => words.value;

/** Changes the language of the page; English is loaded when it is first asked for. */
export async function speak(to: Language): Promise<void> {
  words.value = to === 'fr' ? fr : (await import('./en.ts')).en;
  language.value = to;
  document.documentElement.lang = to;
  remember(to);
}

/** Speaks the language that was chosen in this browser; French where none was. */
export async function speakAsBefore(): Promise<void> {
  if (remembered() === 'en') await speak('en');
}

const cell = 'navette.language';

// Storage may be forbidden (private windows, shared computers): the choice then lasts as long as the page.
function remember(to: Language): void {
  try {
    localStorage.setItem(cell, to);
  } catch {
    return;
  }
}

function remembered(): string | null {
  try {
    return localStorage.getItem(cell);
  } catch {
    return null;
  }
}

/** Dates and times as the language writes them, in the time of the académie. */
export function formatDate(iso: string, style: 'date' | 'datetime' = 'date'): string {
  const locale = language.value === 'fr' ? 'fr-FR' : 'en-GB';
  const text = new Intl.DateTimeFormat(locale, {
    dateStyle: 'long',
    ...(style === 'datetime' ? { timeStyle: 'short' } : {}),
    timeZone: 'Europe/Paris',
  }).format(new Date(iso));
  return language.value === 'fr' ? text.replace(/^1 /, '1er ') : text; // the first of a month is an ordinal
}
