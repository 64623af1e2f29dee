import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, type TestInfo } from '@playwright/test';
import { sameTree } from './tree.ts';

/**
 * A page holds together: nothing that axe finds, one h1, nothing cut off sideways, small targets nowhere, and at a desk
 * the tree that readers of screens are told (see tree.ts; null where all of it is this run's). The screenshot is for a human to look at.
 */
export async function lookAt(page: Page, info: TestInfo, name: string, hidden: string[] | null = []): Promise<void> {
  await expect(page.locator('h1')).toHaveCount(1);
  await page.screenshot({ path: info.outputPath(`${name}.png`), fullPage: true });
  if (info.project.name !== 'keyboard') await askAxe(page); // it sees there what it has seen at the desk
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, 'pixels of the page that one must scroll sideways for').toBe(0);
  expect(await smallTargets(page)).toEqual([]);
  if (info.project.name === 'desk' && hidden) await sameTree(page, name, hidden);
}

async function askAxe(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([]);
}

/** Buttons, boxes and links outside of sentences that are smaller than 44 px in height. */
async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, summary, .input, .choice, .nav a, .brand')]
      .filter((target) => target.getClientRects().length > 0 && target.getBoundingClientRect().height < 43.5)
      .map((target) => `${target.tagName} ${target.textContent?.trim() ?? ''}`),
  );
}
