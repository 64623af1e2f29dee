import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demo } from './demo.ts';
import { lookAt } from './look.ts';
import { authenticator, expect, signIn, test, title } from './test.ts';
import { totp } from './totp.ts';

/** Flows of many pages are looked at in every way too. */
const looks = { tag: '@looks' };

test('a second proof is asked for at the next sign-in, and a code works once', looks, async ({ page, agent }, info) => {
  await signIn(page, agent);
  await page.goto('/securite');
  await page.getByRole('tab', { name: 'Secondes preuves' }).click();
  await page.getByRole('button', { name: 'Ajouter une seconde preuve' }).click();
  await page.getByLabel('Application d’authentification').check();
  const secret = (await page.locator('code.secret').textContent()) ?? '';
  await page.getByLabel('Code affiché par l’application').fill(totp(secret));
  await page.getByRole('button', { name: 'Vérifier le code' }).click();
  await expect(page.getByRole('rowheader', { name: 'Mon téléphone' })).toBeVisible();
  await lookAt(page, info, 'securite-preuves');
  await page.getByRole('button', { name: 'Se déconnecter' }).click();

  const first = async () => {
    await page.getByLabel('Identifiant ou adresse').fill(agent.login);
    await page.getByLabel('Mot de passe', { exact: true }).fill(agent.password);
    await page.getByRole('button', { name: 'Se connecter' }).click();
    await expect(title(page)).toHaveText('Confirmer votre identité');
  };
  await first();
  await lookAt(page, info, 'connexion-2');
  const code = totp(secret, 1); // the one of now has served
  await page.getByLabel('Code à six chiffres').fill(code);
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(title(page)).toHaveText(/^Bonjour /);
  await page.getByRole('button', { name: 'Se déconnecter' }).click();

  await first();
  await page.getByLabel('Code à six chiffres').fill(code);
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(title(page)).toHaveText('Confirmer votre identité');
});

test('an application password is shown once, opens no page, and is revoked', looks, async ({ page, agent }, info) => {
  await signIn(page, agent);
  await page.goto('/securite');
  await page.getByRole('tab', { name: 'Appareils' }).click();
  await page.getByRole('button', { name: 'Créer un mot de passe d’application' }).click();
  await expect(page.getByRole('alert')).toContainText('Donnez un nom');
  await page.getByLabel('Nom du téléphone ou du logiciel').fill('Tablette');
  await page.getByRole('button', { name: 'Créer un mot de passe d’application' }).click();
  const secret = (await page.locator('code.secret').textContent()) ?? '';
  expect(secret.length).toBeGreaterThan(20);
  await expect(page.getByRole('rowheader', { name: 'Tablette' })).toBeVisible();
  await lookAt(page, info, 'securite-appareils-tablette');

  const stranger = await page.context().browser()?.newContext();
  const other = await stranger!.newPage();
  await other.goto(`${demo().origin}/connexion`);
  await other.getByLabel('Identifiant ou adresse').fill(agent.login);
  await other.getByLabel('Mot de passe', { exact: true }).fill(secret);
  await other.getByRole('button', { name: 'Se connecter' }).click();
  await expect(other.getByRole('alert')).toContainText('incorrect');
  await stranger!.close();

  await page.reload();
  await page.getByRole('tab', { name: 'Appareils' }).click();
  await expect(page.locator('code.secret')).toHaveCount(0);
  await page.getByRole('button', { name: 'Révoquer « Tablette »' }).click();
  await expect(page.getByRole('dialog', { name: 'Révoquer « Tablette » ?' })).toBeVisible();
  await lookAt(page, info, 'securite-revoquer');
  await page.getByRole('button', { name: 'Confirmer' }).click();
  await expect(page.getByText('Aucun mot de passe d’application.')).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'Accès révoqué.' })).toBeVisible();
});

test('another password ends the other sessions, and the journal says so', async ({ page, agent, browser }, info) => {
  const elsewhere = await (await browser.newContext({ baseURL: demo().origin, locale: 'fr-FR' })).newPage();
  await signIn(elsewhere, agent);
  await signIn(page, agent);
  await page.goto('/securite');
  await page.getByRole('tab', { name: 'Connexions' }).click();
  await expect(page.getByRole('row')).toHaveCount(3); // the head, and two sessions
  await lookAt(page, info, 'securite-connexions-deux');

  await page.getByRole('tab', { name: 'Mot de passe' }).click();
  const fresh = 'trois mouettes lisent le bulletin';
  await page.getByLabel('Nouveau mot de passe', { exact: true }).fill(fresh);
  await page.getByLabel('Confirmer le mot de passe', { exact: true }).fill('autre chose');
  await page.getByRole('button', { name: 'Changer le mot de passe' }).click();
  await expect(page.getByRole('alert')).toContainText('pas les mêmes');
  await page.getByLabel('Confirmer le mot de passe', { exact: true }).fill(fresh);
  await page.getByRole('button', { name: 'Changer le mot de passe' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Mot de passe changé.' })).toBeVisible();

  await elsewhere.reload();
  await expect(title(elsewhere)).toHaveText('Se connecter');
  await elsewhere.context().close();
  await page.getByRole('tab', { name: 'Journal' }).click();
  await expect(page.getByRole('cell', { name: /Mot de passe changé$/ }).first()).toBeVisible();
  await expect(page.getByRole('cell', { name: /^(Quoi )?Connexion$/ }).first()).toBeVisible();
  await lookAt(page, info, 'securite-journal-mot-de-passe');
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await expect(title(page)).toHaveText('Se connecter');
  await signIn(page, { ...agent, password: fresh });
});

test('a remembered browser proves itself before a change, and changes nothing when it does not', looks, async ({ page, agent }, info) => {
  await signIn(page, agent);
  await page.goto('/securite');
  await page.getByRole('tab', { name: 'Secondes preuves' }).click();
  await expect(page.getByText('Vous n’avez aucun code de secours.')).toBeVisible();
  await page.getByRole('button', { name: 'Créer dix nouveaux codes' }).click();
  await expect(page.getByText('Il reste 10 codes.')).toBeVisible();
  const codes = await page.locator('.codes li').allTextContents();
  await page.getByRole('button', { name: 'Ajouter une seconde preuve' }).click();
  await page.getByLabel('Application d’authentification').check();
  await page.getByLabel('Code affiché par l’application').fill(totp((await page.locator('code.secret').textContent()) ?? ''));
  await page.getByRole('button', { name: 'Vérifier le code' }).click();
  await expect(page.getByRole('rowheader', { name: 'Mon téléphone' })).toBeVisible();
  await page.getByRole('button', { name: 'Se déconnecter' }).click();

  const password = async () => {
    await page.getByLabel('Identifiant ou adresse').fill(agent.login);
    await page.getByLabel('Mot de passe', { exact: true }).fill(agent.password);
    await page.getByRole('button', { name: 'Se connecter' }).click();
  };
  await password();
  await page.getByRole('radio', { name: 'Code de secours' }).check();
  await page.getByRole('textbox', { name: 'Code de secours' }).fill(codes[0] ?? '');
  await page.getByLabel('Ne plus demander sur cet appareil pendant 30 jours').check();
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(title(page)).toHaveText(/^Bonjour /);
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await password(); // is enough here, for reading
  await expect(title(page)).toHaveText(/^Bonjour /);

  await page.goto('/securite');
  await page.getByRole('tab', { name: 'Appareils' }).click();
  await page.getByLabel('Nom du téléphone ou du logiciel').fill('Tablette');
  const make = page.getByRole('button', { name: 'Créer un mot de passe d’application' });
  await make.click();
  const dialog = page.getByRole('dialog', { name: 'Confirmez que c’est vous' });
  await expect(dialog).toBeVisible();
  await lookAt(page, info, 'preuve');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('alert')).toContainText('prouvez de nouveau votre identité');
  await expect(page.locator('code.secret')).toHaveCount(0);

  await make.click();
  await dialog.getByRole('radio', { name: 'Code de secours' }).check();
  await dialog.getByRole('textbox', { name: 'Code de secours' }).fill(codes[0] ?? ''); // has served
  await dialog.getByRole('button', { name: 'Confirmer' }).click();
  await expect(dialog.getByRole('alert')).toBeFocused();
  await lookAt(page, info, 'preuve-erreur', codes);
  await dialog.getByRole('textbox', { name: 'Code de secours' }).fill(codes[1] ?? '');
  await dialog.getByRole('button', { name: 'Confirmer' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('rowheader', { name: 'Tablette' })).toBeVisible();
  await page.getByRole('button', { name: 'Révoquer « Tablette »' }).click(); // the proof is fresh now
  await page.getByRole('button', { name: 'Confirmer' }).click();
  await expect(page.getByText('Aucun mot de passe d’application.')).toBeVisible();
});

test('when « Plus tard » is over a second proof comes before all else', looks, async ({ page, agent }, info) => {
  await signIn(page, agent);
  // The date is months away in a demonstration: the server's answer is bent until the proof is there.
  let over = true;
  await page.route('**/api/session', async (route) => {
    const answer = await route.fetch();
    const who = (await answer.json()) as object;
    await route.fulfill({ response: answer, json: over ? { ...who, must_enrol: true } : who });
  });
  await page.goto('/securite');
  await expect(page.getByText('Le délai pour protéger votre compte est passé.')).toBeVisible();
  await expect(page.getByRole('tab')).toHaveCount(0);
  await lookAt(page, info, 'securite-delai-passe');
  await page.getByRole('button', { name: 'Ajouter une seconde preuve' }).click();
  await page.getByLabel('Grille de codes imprimée').check();
  await page.getByRole('button', { name: 'Créer la grille' }).click();
  await expect(page.locator('table.grid tbody tr')).toHaveCount(7);
  over = false;
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(page.getByRole('tab')).toHaveCount(5);
  await expect(title(page)).toBeFocused();
});

test('a recovery address is confirmed by a code, and leads back to the account', async ({ page, agent }) => {
  const address = `${agent.login}@perso.example`;
  await signIn(page, agent);
  await page.goto('/securite');
  await page.getByRole('tab', { name: 'Secondes preuves' }).click();
  await page.getByLabel('Adresse personnelle de secours').fill(address);
  await page.getByRole('button', { name: 'Envoyer un code' }).click();
  await page.getByLabel('Code reçu par courriel').fill(await mailed(address, 1));
  await page.getByRole('button', { name: 'Confirmer l’adresse' }).click();
  await expect(page.getByText('Adresse de secours confirmée.')).toBeVisible();
  await page.getByRole('button', { name: 'Se déconnecter' }).click();

  await page.getByRole('link', { name: 'Mot de passe oublié ?' }).click();
  await page.getByLabel('Identifiant ou adresse').fill(agent.login);
  await page.getByRole('button', { name: 'Continuer' }).click();
  await page.getByLabel('Code reçu ou code de secours').fill(await mailed(address, 2));
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(title(page)).toHaveText('Choisir un nouveau mot de passe');
});

test('a printed grid is a second proof', async ({ page, agent }, info) => {
  await signIn(page, agent);
  await page.goto('/securite');
  await page.getByRole('tab', { name: 'Secondes preuves' }).click();
  await page.getByRole('button', { name: 'Ajouter une seconde preuve' }).click();
  await page.getByLabel('Grille de codes imprimée').check();
  await page.getByRole('button', { name: 'Créer la grille' }).click();
  await expect(page.locator('table.grid tbody tr')).toHaveCount(7); // evaluateAll waits for nothing
  const grid = await page.locator('table.grid tbody tr').evaluateAll((rows) =>
    rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')),
  );
  await lookAt(page, info, 'securite-grille');
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(page.getByRole('cell', { name: /Grille imprimée$/ })).toBeVisible();
  await page.getByRole('button', { name: 'Se déconnecter' }).click();

  await page.getByLabel('Identifiant ou adresse').fill(agent.login);
  await page.getByLabel('Mot de passe', { exact: true }).fill(agent.password);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByLabel('Grille de codes imprimée').check();
  const field = page.getByLabel(/^Codes des cases/);
  const asked = (await page.locator('label[for=code]').textContent())?.match(/[A-Z]\d+/g) ?? [];
  expect(asked.length).toBeGreaterThan(1);
  await field.fill(asked.map((cell) => grid[Number(cell.slice(1)) - 1]?.[cell.charCodeAt(0) - 65] ?? '').join(''));
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(title(page)).toHaveText(/^Bonjour /);
});

test('a passkey proves who forgot the password', async ({ page, agent }) => {
  await authenticator(page);
  await signIn(page, agent);
  await page.goto('/securite');
  await page.getByRole('tab', { name: 'Secondes preuves' }).click();
  await page.getByRole('button', { name: 'Ajouter une seconde preuve' }).click();
  await page.getByRole('button', { name: 'Créer la clé d’accès' }).click();
  await expect(page.getByRole('rowheader', { name: 'Cet appareil' })).toBeVisible();
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await page.getByRole('link', { name: 'Mot de passe oublié ?' }).click();
  await page.getByLabel('Clé d’accès').check();
  await page.getByRole('button', { name: 'Présenter la clé d’accès' }).click();
  await expect(title(page)).toHaveText('Choisir un nouveau mot de passe');
  const fresh = 'cinq girafes attendent le tramway';
  await page.getByLabel('Nouveau mot de passe', { exact: true }).fill(fresh);
  await page.getByLabel('Confirmer le mot de passe', { exact: true }).fill(fresh);
  await page.getByRole('button', { name: 'Enregistrer le mot de passe' }).click();
  await expect(page.getByText('Votre mot de passe est changé.')).toBeVisible();
});

/** The code in the n-th message that left for an address. */
async function mailed(address: string, n: number): Promise<string> {
  const outbox = join(demo().dir, 'outbox');
  let code = '';
  await expect
    .poll(
      () => {
        const texts = readdirSync(outbox)
          .filter((name) => name.endsWith('.json') && readFileSync(join(outbox, name), 'utf8').includes(address))
          .map((name) => Number.parseInt(name, 10))
          .sort((a, b) => a - b)
          .map((number) => readFileSync(join(outbox, `${number}.eml`), 'utf8'));
        code = texts[n - 1]?.replace(/=\r\n/g, '').match(/: (\d{8}|[0-9a-z]{5}-[0-9a-z]{5})\b/)?.[1] ?? '';
        return code;
      },
      { timeout: 30_000 },
    )
    .not.toBe('');
  return code;
}
