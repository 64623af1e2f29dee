import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demo } from './demo.ts';
import { lookAt } from './look.ts';
import { expect, test, title } from './test.ts';

/** Addresses of the demo's guardians, each once. */
function guardians(): string[] {
  const lines = readFileSync(join(demo().dir, 'guardians.csv'), 'utf8').trim().split('\n').slice(1);
  return [...new Set(lines.map((line) => line.split(',')[0] ?? ''))];
}

/** The link of the letter that went to an address, once it is there. */
function linkFor(address: string): string | undefined {
  const outbox = join(demo().dir, 'outbox');
  for (const name of readdirSync(outbox).filter((file) => file.endsWith('.json'))) {
    const to = (JSON.parse(readFileSync(join(outbox, name), 'utf8')) as { rcpt_to: string[] }).rcpt_to;
    if (!to.includes(address)) continue;
    const letter = readFileSync(join(outbox, name.replace('.json', '.eml')), 'latin1').replace(/=\r\n/g, '');
    const link = /\/mes-donnees#([\w-]+)/.exec(letter);
    if (link) return link[0];
  }
  return undefined;
}

test('a guardian asks what is held, and opens the link once', { tag: '@looks' }, async ({ page }, info) => {
  const mine = guardians().slice(50 * ['desk', 'phone', 'zoom'].indexOf(info.project.name) + 50); // each project has its own
  const address = mine.find((one) => linkFor(one) === undefined);
  if (!address) throw new Error('the demo has too few guardians');
  await page.goto('/droits-des-responsables');
  await page.getByRole('link', { name: 'Voir ce qui est conservé sur vous' }).click();
  await expect(title(page)).toHaveText('Ce qui est conservé sur vous');
  await lookAt(page, info, 'mes-donnees', null);
  const main = page.getByRole('main');
  await main.getByLabel('Votre adresse de courriel').fill('Mme Dupont');
  await main.getByRole('button', { name: 'Recevoir le lien' }).click();
  await expect(main.getByRole('alert')).toContainText('Cette adresse est incorrecte');
  await main.getByLabel('Votre adresse de courriel').fill(address);
  await main.getByRole('button', { name: 'Recevoir le lien' }).click();
  await expect(main.getByText('Si cette adresse nous est connue')).toBeVisible();

  await expect.poll(() => linkFor(address), { timeout: 60_000 }).toBeDefined();
  await page.goto('/aide');
  await page.goto(linkFor(address) ?? '');
  await main.getByRole('button', { name: 'Afficher mes données' }).click();
  await expect(main.getByText(address).first()).toBeVisible(); // two guardians may share a mailbox: each is shown
  await expect(main.getByText('responsable légal').first()).toBeVisible();
  await lookAt(page, info, 'mes-donnees-ouvertes', null);

  await page.reload();
  await main.getByRole('button', { name: 'Afficher mes données' }).click();
  await expect(main.getByRole('alert')).toContainText("Ce lien n'est plus valable");
});
