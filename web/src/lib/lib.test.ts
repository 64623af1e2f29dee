import { describe, expect, test } from 'vitest';
import { fromBase64url, toBase64url } from './base64.ts';
import { fold, matches } from './fold.ts';
import { safeNext } from './next.ts';

describe('the page after signing in', () => {
  test('is the one that was asked for, when it is ours', () => {
    expect(safeNext('/securite')).toBe('/securite');
    expect(safeNext('/mail/inbox')).toBe('/mail/inbox');
  });

  test.each([
    null, '', 'securite', 'https://evil.example', '//evil.example', '/\\evil.example', '/\t/evil.example', '/ /evil.example',
    'javascript:alert(1)', '/a?next=//evil.example', '/a#b', '/%2f/evil.example', '/../evil', '\u0000/securite', '/se\ncurite',
  ])('is the home page for %j', (asked) => {
    expect(safeNext(asked)).toBe('/');
  });
});

describe('text is compared as people compare it', () => {
  test('without case and accents', () => {
    expect(fold('Éducation musicale Ç')).toBe('education musicale c');
  });

  test('by the beginnings of words, in any order', () => {
    expect(matches('Histoire-géographie', 'geo hist')).toBe(true);
    expect(matches('Histoire-géographie', 'graphie')).toBe(false);
    expect(matches('Histoire-géographie', '')).toBe(true);
  });
});

test('base64url goes both ways, with every octet', () => {
  const octets = new Uint8Array(256).map((_, index) => index);
  const text = toBase64url(octets.buffer);
  expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
  expect([...new Uint8Array(fromBase64url(text))]).toEqual([...octets]);
  expect(new Uint8Array(fromBase64url('_w=='))).toEqual(new Uint8Array([255]));
});
