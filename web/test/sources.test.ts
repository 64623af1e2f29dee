import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

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
  for (const [name, text] of sources) expect(text.split('\n').length, name).toBeLessThanOrEqual(500);
});
