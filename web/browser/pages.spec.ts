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

for (const [name, title] of Object.entries(publicPages)) {
  test(`${name} can be read by everybody`, async ({ page }, info) => {
    await page.goto(`/${name}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
    await expect(page.locator('main')).not.toContainText('{'); // every name of the académie is filled in
    if (name === 'telephone') await expect(page.locator('main')).toContainText('01 99 00 12 34');
    await lookAt(page, info, name);
  });
}

test('the components hold together', async ({ page }, info) => {
  await page.goto('/demo/composants');
  await page.getByRole('button', { name: 'Vérifier' }).click();
  await expect(page.getByRole('alert')).toBeFocused();
  await lookAt(page, info, 'composants');
});

test('a page that is not there says so', async ({ page }, info) => {
  const response = await page.goto('/nulle-part');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page introuvable');
  await lookAt(page, info, 'introuvable');
});

test('the pages of who is signed in hold together', async ({ page, agent }, info) => {
  await signIn(page, agent);
  await expect(page.getByText('Garantie par les ressources humaines')).toBeVisible();
  await lookAt(page, info, 'accueil');
  await page.getByRole('navigation').getByRole('link', { name: 'Sécurité' }).click();
  await expect(title(page)).toHaveText('Sécurité');
  for (const tab of ['Mot de passe', 'Secondes preuves', 'Appareils', 'Connexions', 'Journal']) {
    await page.getByRole('tab', { name: tab }).click();
    await expect(page.getByRole('tabpanel').getByText('Chargement…')).toHaveCount(0);
    await lookAt(page, info, `securite-${tab.toLowerCase().replaceAll(' ', '-')}`);
  }
});
