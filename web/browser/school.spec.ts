import type { Page } from '@playwright/test';
import { lookAt } from './look.ts';
import { expect, signIn, test, title } from './test.ts';

test('a head prints a sheet, and its bearer activates the account by it', { tag: '@looks' }, async ({ page, school }, info) => {
  const { head, waiting } = school;
  await signIn(page, head);
  await page.getByRole('link', { name: 'Voir mes personnels à activer' }).click();
  await expect(title(page)).toHaveText('Mes personnels à activer');
  const row = page.getByRole('row').filter({ hasText: waiting.login });
  await expect(row).toContainText('NUMEN jusqu’au');
  await lookAt(page, info, 'personnels', await namesIn(page));
  await row.getByRole('button', { name: `Remettre une feuille à ${waiting.display}` }).click();

  await expect(title(page)).toHaveText(`Feuille d’activation de ${waiting.display}`);
  const code = (await page.locator('code.secret').textContent()) ?? '';
  expect(code).toMatch(/^[A-Z0-9]{4}(-[A-Z0-9]{4}){3}$/);
  await lookAt(page, info, 'feuille', [waiting.display, waiting.login]);
  await page.emulateMedia({ media: 'print' }); // what the paper bears: the sheet, without what stands around it
  await expect(page.getByText(code)).toBeVisible();
  await expect(page.getByText(waiting.login, { exact: true })).toBeVisible();
  await expect(page.getByRole('navigation').first()).toBeHidden();
  await expect(page.getByRole('button', { name: 'Imprimer' })).toBeHidden();
  await page.screenshot({ path: info.outputPath('feuille-imprimee.png'), fullPage: true });
  await page.emulateMedia({ media: null });
  await page.getByRole('button', { name: 'Revenir à la liste' }).click();
  await expect(row).toContainText('Feuille jusqu’au');
  await expect(page.getByText(code)).toHaveCount(0);
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await expect(title(page)).toHaveText('Se connecter');

  await page.getByRole('link', { name: 'Activer mon compte (première connexion)' }).click();
  await page.getByLabel('Identifiant', { exact: true }).fill(waiting.login);
  await page.getByLabel('Une feuille remise en main propre').check();
  await page.getByLabel('Code de la feuille').fill('AAAA-BBBB-CCCC-DDDD');
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  const typed = code.toLowerCase().replaceAll('-', ' ');
  await page.getByLabel('Code de la feuille').fill(typed);
  await lookAt(page, info, 'activation-feuille', [waiting.login, typed]);
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(title(page)).toHaveText('Choisir un mot de passe');
  const password = 'sept marmottes relisent la circulaire';
  await page.getByLabel('Nouveau mot de passe', { exact: true }).fill(password);
  await page.getByLabel('Confirmer le mot de passe', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Continuer' }).click();
  await page.getByLabel('Plus tard').check();
  await page.getByRole('button', { name: 'Continuer' }).click();
  await page.getByRole('button', { name: 'Afficher mes dix codes' }).click();
  await expect(page.locator('.codes li')).toHaveCount(10);
  await page.getByLabel('J’ai conservé mes codes').check();
  await page.getByRole('button', { name: 'Continuer' }).click();
  await page.getByRole('button', { name: 'Ouvrir mon compte' }).click();
  await expect(title(page)).toHaveText(`Bonjour ${waiting.display}`);

  // Who heads nothing is told so, and is shown nobody.
  await expect(page.getByRole('link', { name: 'Voir mes personnels à activer' })).toHaveCount(0);
  await page.goto('/personnels-a-activer');
  await expect(page.getByRole('alert')).toContainText('celle des chefs d’établissement');
  await expect(page.getByRole('table')).toHaveCount(0);
});

/** The texts of a table's cells, which are of the school that it was. */
async function namesIn(page: Page): Promise<string[]> {
  const cells = await page.locator('tbody th, tbody td:not(:last-child)').allTextContents();
  return [...new Set(cells)];
}
