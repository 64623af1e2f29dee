import { lookAt } from './look.ts';
import { expect, test, title } from './test.ts';

/** The links that test/e2e has had sent: two for each project, by its name. */
function links(project: string): [string, string] {
  const all = JSON.parse(process.env['NAVETTE_CONSENT'] ?? '{}') as Record<string, [string, string]>;
  const mine = all[project];
  if (!mine) throw new Error(`NAVETTE_CONSENT has no links for ${project}`);
  return mine;
}

test('a guardian reads what is asked, accepts, and withdraws by the same link', { tag: '@looks' }, async ({ page }, info) => {
  const [token] = links(info.project.name);
  await page.goto(`/consentement#${token}`);
  await expect(title(page)).toHaveText('Votre accord');
  await expect(page.getByText('Préparer les conseils ensemble.')).toBeVisible();
  const main = page.getByRole('main');
  await expect(main).toContainText('Vous êtes libre d’accepter ou de refuser');
  await lookAt(page, info, 'consentement', null);

  await page.reload(); // to read again changes nothing
  await expect(main).toContainText('Vous êtes libre d’accepter ou de refuser');
  await page.getByRole('button', { name: 'Accepter' }).click();
  await expect(main.getByText('Vous avez accepté.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Refuser' })).toHaveCount(0);
  await lookAt(page, info, 'consentement-accepte', null);

  await page.goto('/aide');
  await page.goto(`/consentement#${token}`);
  await page.getByRole('button', { name: 'Me retirer' }).click();
  await expect(main.getByText('Vous n’êtes plus dans ce cadre')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Me retirer' })).toHaveCount(0);
});

test('a guardian refuses, and a link that is none says so', { tag: '@looks' }, async ({ page }, info) => {
  const [, token] = links(info.project.name);
  const main = page.getByRole('main');
  await page.goto(`/consentement#${token}`);
  await page.getByRole('button', { name: 'Refuser' }).click();
  await expect(main.getByText('Votre adresse n’est pas montrée.')).toBeVisible();

  await page.goto('/aide');
  await page.goto('/consentement#AAAAAAAAAAAAAAAAAAAAAA');
  await expect(page.getByRole('alert')).toContainText("Ce lien n'est plus valable");
  await lookAt(page, info, 'consentement-perdu', null);
  await page.goto('/aide');
  await page.goto('/consentement');
  await expect(page.getByRole('alert')).toContainText('Ouvrez cette page par le lien du message');
});
