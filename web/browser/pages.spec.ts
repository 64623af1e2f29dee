import { lookAt } from './look.ts';
import { expect, signIn, test, title } from './test.ts';

/** The pages that anybody reaches, with their names as files. */
const publicPages = {
  connexion: 'Se connecter',
  activation: 'Activer mon compte',
  'mot-de-passe-oublie': 'Mot de passe oublié',
  aide: 'Aide',
  telephone: 'Par téléphone ou en main propre',
  accessibilite: 'Déclaration d’accessibilité : non audité',
  'mentions-legales': 'Mentions légales',
  'droits-des-responsables': 'Droits des responsables légaux',
};

/** What is looked at in every way: in the dark, in forced colours, at 400 %. */
const looks = { tag: '@looks' };

for (const [name, title] of Object.entries(publicPages)) {
  test(`${name} can be read by everybody`, looks, async ({ page }, info) => {
    await page.goto(`/${name}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
    await expect(page.locator('main')).not.toContainText('{'); // every name of the académie is filled in
    if (name === 'telephone') await expect(page.locator('main')).toContainText('01 99 00 12 34');
    await lookAt(page, info, name);
  });
}

test('the components hold together', looks, async ({ page }, info) => {
  await page.goto('/demo/composants');
  await page.getByRole('button', { name: 'Vérifier' }).click();
  await expect(page.getByRole('alert')).toBeFocused();
  await lookAt(page, info, 'composants');
});

test('a page that is not there says so', looks, async ({ page }, info) => {
  const response = await page.goto('/nulle-part');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page introuvable');
  await lookAt(page, info, 'introuvable');
});

test('the pages of who is signed in hold together', looks, async ({ page, reader }, info) => {
  await signIn(page, reader);
  await expect(page.getByText('Garantie par les ressources humaines')).toBeVisible();
  await lookAt(page, info, 'accueil');
  await expect(page.getByRole('banner')).toMatchAriaSnapshot(`
    - banner:
      - link "Navette"
      - navigation "Navigation principale":
        - list:
          - listitem:
            - link "Accueil"
          - listitem:
            - link "Sécurité"
          - listitem:
            - link "Activité récente"
          - listitem:
            - button "Se déconnecter"
          - listitem:
            - button "English"
  `);
  await expect(page.getByRole('contentinfo')).toMatchAriaSnapshot(`
    - contentinfo:
      - navigation "Informations":
        - list:
          - listitem:
            - link "Aide"
          - listitem:
            - link "Téléphone et remise en main propre"
          - listitem:
            - 'link "Accessibilité : non audité"'
          - listitem:
            - link "Mentions légales"
          - listitem:
            - link "Droits des responsables"
  `);
  await page.getByRole('navigation').getByRole('link', { name: 'Sécurité' }).click();
  await expect(title(page)).toHaveText('Sécurité');
  for (const tab of ['Mot de passe', 'Secondes preuves', 'Appareils', 'Connexions', 'Journal']) {
    await page.getByRole('tab', { name: tab }).click();
    await expect(page.getByRole('tabpanel').getByText('Chargement…')).toHaveCount(0);
    await lookAt(page, info, `securite-${tab.toLowerCase().replaceAll(' ', '-')}`);
  }
});

test('what was told in passing can be read again, until one signs out', looks, async ({ page, agent }, info) => {
  await signIn(page, agent);
  await page.getByRole('link', { name: 'Activité récente' }).click();
  await expect(page.getByText('Rien n’a encore été annoncé.')).toBeVisible();
  await page.getByRole('link', { name: 'Sécurité', exact: true }).click();
  await page.getByRole('tab', { name: 'Connexions' }).click();
  await page.getByRole('button', { name: 'Fermer toutes les autres connexions' }).click();
  const toast = page.getByRole('status').filter({ hasText: 'Les autres connexions ont été fermées.' });
  await expect(toast).toBeVisible();
  await page.getByRole('button', { name: 'Fermer ce message' }).click();
  await expect(toast).toHaveCount(0);
  await page.getByRole('link', { name: 'Activité récente' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'Les autres connexions ont été fermées.' })).toBeVisible();
  await lookAt(page, info, 'activite-recente');
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await expect(page).toHaveURL('/connexion');
  await signIn(page, agent);
  await page.getByRole('link', { name: 'Activité récente' }).click();
  await expect(page.getByText('Rien n’a encore été annoncé.')).toBeVisible();
});
