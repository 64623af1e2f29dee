import { expect, type Page } from '@playwright/test';

const months = 'janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre';

/** What differs from run to run, and what stands for it. Secrets, and what a test hides, come before. */
const masks: [RegExp, string][] = [
  [/\S+@[\w.-]+\.example/g, '(adresse)'],
  [new RegExp(`\\d{1,2}(er)? (${months}) \\d{4}( à \\d{2}:\\d{2})?`, 'g'), '(date)'],
  [/http:\/\/localhost:\d+/g, '(origine)'],
  [/des cases [A-Z0-9, ]+/g, 'des cases (cases)'],
];

/**
 * What a page says to readers of screens, or the window that is open above it, is what browser/snapshots/NAME.yml holds:
 * `playwright test --project=desk --update-snapshots` writes it anew, for a human to read. `hidden` are texts of this run.
 */
export async function sameTree(page: Page, name: string, hidden: string[]): Promise<void> {
  const secrets = await page.locator('code, .codes li, .grid td').allTextContents();
  const dialog = page.locator('dialog[open]');
  let tree = await ((await dialog.count()) > 0 ? dialog : page.locator('main')).ariaSnapshot();
  for (const text of [...secrets.filter((text) => text !== '').sort(longestFirst), ...hidden.sort(longestFirst)]) tree = tree.replaceAll(text, '(…)');
  for (const [mask, instead] of masks) tree = tree.replace(mask, instead);
  expect(`${tree}\n`).toMatchSnapshot(`${name}.yml`);
}

const longestFirst = (a: string, b: string) => b.length - a.length;
