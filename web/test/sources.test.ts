import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { en } from '../src/i18n/en.ts';
import { fr } from '../src/i18n/fr.ts';

const src = join(import.meta.dirname, '../src');
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts'))
  .map((name) => [name, readFileSync(join(src, name), 'utf8')] as const);

test('no component writes HTML from text', () => {
  expect(sources.length).toBeGreaterThan(20);
  for (const [name, text] of sources) expect(/innerHTML|insertAdjacentHTML|document\.write|\beval\(/i.test(text), name).toBe(false);
});

test('no type is let go of', () => {
  for (const [name, text] of sources) expect(/:\s*any\b|as any\b|<any>|@ts-/.test(text), name).toBe(false);
});

/** What people read stands in fr.ts and en.ts: a component holds no sentence of its own. */
test('components hold no text', () => {
  for (const [name, text] of sources.filter(([name]) => name.endsWith('.tsx'))) {
    const written = [...text.matchAll(/[^=]>([^<>{}=();]*\p{L}{3,}[^<>{}=();]*)<\//gu)].map(([, words]) => words?.trim());
    expect(written, name).toEqual([]);
  }
});

test('no file is too long to be read', () => {
  for (const [name, text] of sources.filter(([name]) => name !== 'lib/types.ts' /* written by a program */)) expect(text.split('\n').length, name).toBeLessThanOrEqual(500);
});

/** What the program writes into the journal of an account, as the sources of the server say it. */
function journalActs(): Set<string> {
  const server = join(import.meta.dirname, '../../internal');
  const acts = new Set<string>();
  for (const name of readdirSync(server, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.go') || name.endsWith('_test.go')) continue;
    const text = readFileSync(join(server, name), 'utf8');
    for (const [before, act] of text.matchAll(/^.*"((?:account|activation|annuaire|device|factor|person|recovery|session)\.[a-z.-]+)"/gm)) {
      if (!/^\s*(?:const )?purpose|\/\//.test(before)) acts.add(act ?? '');
    }
  }
  return acts;
}

test('every act of the journal of an account has words', () => {
  const acts = [...journalActs()];
  expect(acts.length).toBeGreaterThan(20);
  for (const words of [fr, en]) expect(acts.filter((act) => !words.security.acts[act])).toEqual([]);
});
