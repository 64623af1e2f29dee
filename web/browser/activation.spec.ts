import type { Page } from '@playwright/test';
import { lookAt } from './look.ts';
import { authenticator, expect, test, title, type Appointed } from './test.ts';
import { totp } from './totp.ts';

const password = 'un hérisson dort sous le préau bleu';

async function claim(page: Page, who: Appointed): Promise<void> {
  await page.goto('/activation');
  await page.getByLabel('Identifiant', { exact: true }).fill(who.login);
  await page.getByLabel('NUMEN', { exact: true }).fill(who.numen);
  await page.getByLabel('Date de naissance').fill(who.birthDate.split('-').reverse().join('/'));
  await page.getByRole('button', { name: 'Continuer' }).click();
}

async function choose(page: Page): Promise<void> {
  await expect(title(page)).toHaveText('Choisir un mot de passe');
  await page.getByLabel('Nouveau mot de passe', { exact: true }).fill(password);
  await page.getByLabel('Confirmer le mot de passe', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(title(page)).toHaveText('Protéger mon compte');
}

test('an appointed agent activates the account in five steps, with an authenticator app', { tag: '@looks' }, async ({ page, appointed }, info) => {
  await page.goto('/activation');
  await lookAt(page, info, 'activation-1');
  await claim(page, { ...appointed, numen: '01E9999999ZZZ' });
  await expect(page.getByRole('alert')).toContainText('Identifiant, NUMEN ou date de naissance non reconnus.');
  await lookAt(page, info, 'activation-1-erreur', [appointed.login]);

  await claim(page, appointed);
  await expect(title(page)).toHaveText('Choisir un mot de passe');
  await expect(page.getByText('Étape 2 sur 5')).toBeVisible();
  await page.getByLabel('Nouveau mot de passe', { exact: true }).fill('court');
  await page.getByLabel('Confirmer le mot de passe', { exact: true }).fill('court');
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(page.getByRole('alert')).toContainText('moins de 12 caractères');
  await page.getByLabel('Nouveau mot de passe', { exact: true }).fill(`${appointed.numen}abc`);
  await page.getByLabel('Confirmer le mot de passe', { exact: true }).fill(`${appointed.numen}abc`);
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(title(page)).toHaveText('Choisir un mot de passe');
  await lookAt(page, info, 'activation-2', [appointed.login, `${appointed.numen}abc`]);
  await page.reload(); // where one stands outlives it
  await choose(page);

  await page.getByLabel('Application d’authentification').check();
  const key = page.locator('code.secret');
  await expect(key).toBeVisible();
  await expect(page.getByRole('img', { name: 'Code QR à photographier' })).toBeVisible();
  await page.getByLabel('Code affiché par l’application').fill('000000');
  await page.getByRole('button', { name: 'Vérifier le code' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await lookAt(page, info, 'activation-3');
  await page.getByLabel('Code affiché par l’application').fill(totp((await key.textContent()) ?? ''));
  await page.getByRole('button', { name: 'Vérifier le code' }).click();

  await expect(title(page)).toHaveText('Codes de secours');
  await page.getByRole('button', { name: 'Afficher mes dix codes' }).click();
  await expect(page.locator('.codes li')).toHaveCount(10);
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(page.getByRole('alert')).toContainText('Conservez les codes');
  await lookAt(page, info, 'activation-4');
  await page.getByLabel('J’ai conservé mes codes').check();
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(title(page)).toHaveText('Tout est prêt');
  await lookAt(page, info, 'activation-5');
  await page.getByRole('button', { name: 'Ouvrir mon compte' }).click();
  await expect(title(page)).toHaveText(/^Bonjour /);

  // The NUMEN has served: it opens no more, and says no more than a wrong one.
  await page.context().clearCookies();
  await claim(page, appointed);
  await expect(page.getByRole('alert')).toContainText('Identifiant, NUMEN ou date de naissance non reconnus.');
});

test('an appointed agent activates the account with a passkey', async ({ page, appointed }) => {
  await authenticator(page);
  await claim(page, appointed);
  await choose(page);
  await page.getByRole('button', { name: 'Créer la clé d’accès' }).click();
  await keepCodes(page);
  await page.getByRole('button', { name: 'Ouvrir et configurer mon téléphone' }).click();
  await expect(title(page)).toHaveText('Sécurité');
});

test('an appointed agent protects the account later, and finds the way back by a recovery code', async ({ page, appointed }, info) => {
  await claim(page, appointed);
  await choose(page);
  await page.getByLabel('Plus tard').check();
  await page.getByRole('button', { name: 'Continuer' }).click();
  const codes = await keepCodes(page);
  await page.getByRole('button', { name: 'Ouvrir mon compte' }).click();
  await expect(title(page)).toHaveText(/^Bonjour /);
  await page.getByRole('button', { name: 'Se déconnecter' }).click();

  await page.getByRole('link', { name: 'Mot de passe oublié ?' }).click();
  await lookAt(page, info, 'oublie-1');
  await page.getByLabel('Identifiant ou adresse').fill(appointed.login);
  await page.getByRole('button', { name: 'Continuer' }).click();
  await page.getByLabel('Code reçu ou code de secours').fill('aaaa-bbbb-cccc');
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await lookAt(page, info, 'oublie-2', [appointed.login]);
  await page.getByLabel('Code reçu ou code de secours').fill(codes[0] ?? '');
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(title(page)).toHaveText('Choisir un nouveau mot de passe');
  const other = 'deux tortues courent vers la cantine';
  await page.getByLabel('Nouveau mot de passe', { exact: true }).fill(other);
  await page.getByLabel('Confirmer le mot de passe', { exact: true }).fill(other);
  await page.getByRole('button', { name: 'Enregistrer le mot de passe' }).click();
  await expect(page.getByText('Votre mot de passe est changé.')).toBeVisible();
  await lookAt(page, info, 'oublie-3');
  await page.getByRole('main').getByRole('link', { name: 'Se connecter' }).click();
  await page.getByLabel('Identifiant ou adresse').fill(appointed.login);
  await page.getByLabel('Mot de passe', { exact: true }).fill(other);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await expect(title(page)).toHaveText(/^Bonjour /);
});

/** Shows the recovery codes, says that they are kept, and goes on. */
async function keepCodes(page: Page): Promise<string[]> {
  await expect(title(page)).toHaveText('Codes de secours');
  await page.getByRole('button', { name: 'Afficher mes dix codes' }).click();
  const list = page.locator('.codes li');
  await expect(list).toHaveCount(10);
  const codes = await list.allTextContents();
  await page.getByLabel('J’ai conservé mes codes').check();
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(title(page)).toHaveText('Tout est prêt');
  return codes;
}
