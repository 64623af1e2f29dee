import { describe, expect, test } from 'vitest';
import { en as info } from '../portal/info/en.ts';
import { fr as infoFr } from '../portal/info/fr.ts';
import { en as showcase } from '../showcase/en.ts';
import { fr as showcaseFr } from '../showcase/fr.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';
import { formatDate } from './index.ts';
import { plural } from './plural.ts';

/** Every text of a dictionary with the path to it; functions are called with a name and numbers that show both forms. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') {
    const call = value as (...args: unknown[]) => string;
    return [[`${path}(1)`, call(1, 1)], [`${path}(2)`, call(2, 2)]];
  }
  return Object.entries(value as object).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

const dictionaries = { portal: [fr, en], info: [infoFr, info], components: [showcaseFr, showcase] } as const;

describe.each(Object.entries(dictionaries))('the texts of %s', (_, [french, english]) => {
  test('are all there in both languages', () => {
    for (const [path, text] of [...texts(french), ...texts(english)]) expect(text, path).not.toBe('');
  });

  test('say the same things of the académie in both languages', () => {
    const blanks = (of: unknown) => texts(of).flatMap(([, text]) => text.match(/\{\w+\}/g) ?? []).sort();
    expect(blanks(english)).toEqual(blanks(french));
  });

  test('keep French signs with the word before them', () => {
    for (const [path, text] of texts(french)) expect(text, path).not.toMatch(/ [?!;:»]|« /);
  });

  test('write apostrophes as they are printed', () => {
    for (const [path, text] of [...texts(french), ...texts(english)]) expect(text, path).not.toContain("'");
  });
});

test('zero is singular in French and plural in English', () => {
  expect(plural('fr', 0, '# code', '# codes')).toBe('0 code');
  expect(plural('en', 0, '# code', '# codes')).toBe('0 codes');
});

test('dates are those of Paris, and the first of a month is an ordinal', () => {
  expect(formatDate('2026-08-31T22:30:00Z')).toBe('1er septembre 2026');
  expect(formatDate('2026-09-11')).toBe('11 septembre 2026');
});
