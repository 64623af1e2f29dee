/** Picks the form of a text for a number, as the language counts, and writes the number where # stands. */
export function plural(locale: 'fr' | 'en', n: number, one: string, other: string): string {
  const form = new Intl.PluralRules(locale).select(n) === 'one' ? one : other;
  return form.replace('#', new Intl.NumberFormat(locale).format(n));
}
