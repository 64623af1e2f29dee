import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { floor, young } from './floor.ts';

/*
 * What is looked for in the built files, because sources do not tell: their weight, and that nothing in them is
 * younger than the floor (floor.ts).
 */
const dist = join(import.meta.dirname, '../dist');
const assets = join(dist, 'assets');
const built = existsSync(join(dist, 'portal.html'));

const files = (ending: string) => (built ? readdirSync(assets).filter((name) => name.endsWith(ending)) : []);
const text = (name: string) => readFileSync(join(assets, name), 'utf8');

/** The scripts that a page loads before it shows anything: its own and, of each, what it imports at once. */
function firstScripts(page: string): Set<string> {
  const html = readFileSync(join(dist, page), 'utf8');
  const seen = new Set<string>();
  const follow = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const [, next] of text(name).matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) follow(next ?? '');
  };
  for (const [, name] of html.matchAll(/\/assets\/([\w.-]+\.js)/g)) follow(name ?? '');
  return seen;
}

describe.skipIf(!built)('the built pages', () => {
  test('show the portal with 60 kB of compressed script at most', () => {
    const first = [...firstScripts('portal.html')];
    const octets = first.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);
    expect(first.length).toBeGreaterThan(0);
    expect(octets).toBeLessThanOrEqual(60_000);
  });

  test.each(young.filter((feature) => !feature.harmless))('use no $name, which is younger than the floor', ({ in: kind, pattern }) => {
    expect(files(`.${kind}`).length).toBeGreaterThan(0);
    for (const name of files(`.${kind}`)) expect(pattern.test(text(name)), name).toBe(false);
  });

  test('have a dark look without light-dark()', () => {
    const css = files('.css').map(text).join('');
    expect(css).toMatch(/@media \(prefers-color-scheme: ?dark\)/);
  });

  test('write no HTML from text', () => {
    for (const file of files('.js')) {
      // Preact can set innerHTML for who asks it to; none of our components does (see sources.test.ts).
      const code = text(file).replace(/dangerouslySetInnerHTML[\s\S]{0,400}?innerHTML=/g, '');
      expect(/\.(innerHTML|outerHTML)\s*=[^=]|insertAdjacentHTML|document\.write/.test(code), file).toBe(false);
    }
  });

  test('have a compressed twin beside each file', () => {
    for (const name of [...files('.js'), ...files('.css')]) {
      expect(existsSync(join(assets, `${name}.br`)), name).toBe(true);
      expect(existsSync(join(assets, `${name}.gz`)), name).toBe(true);
    }
  });

  test('name each file by its content', () => {
    for (const name of [...files('.js'), ...files('.css')]) expect(name).toMatch(/-[\w-]{8}\.(js|css)$/);
  });

  test('hold no script and no style within their HTML', () => {
    for (const page of ['portal.html', 'composants.html']) {
      const html = readFileSync(join(dist, page), 'utf8');
      expect(html).not.toMatch(/<style|<script(?![^>]*\ssrc=)| on\w+=| style=/);
    }
  });
});

test('the pages were built before they are looked at', () => {
  if (process.env['NAVETTE_REQUIRE'] === '1') expect(built, 'run `make pages`').toBe(true);
});

describe('what is looked for as too young', () => {
  test.each(young)('$name is younger than the floor in one browser at least, and would be found', (feature) => {
    const missing = feature.chrome > floor.chrome || feature.firefox > floor.firefox || feature.safari > floor.safari;
    expect(missing).toBe(true);
    expect(feature.pattern.test(feature.example)).toBe(true);
  });

  test('is what the build is made for', () => {
    const config = readFileSync(join(import.meta.dirname, '../vite.config.ts'), 'utf8');
    for (const [browser, version] of Object.entries(floor)) expect(config).toContain(`'${browser}${version}'`);
  });
});
