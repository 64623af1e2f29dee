import type { Page } from '@playwright/test';
import { expect, test, title } from './test.ts';

/** Goes on by Tab until something has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, name: string | RegExp, role: Parameters<Page['getByRole']>[0]): Promise<void> {
  const target = page.getByRole(role, { name, exact: typeof name === 'string' }).first();
  for (let presses = 0; presses < 60; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${role} ${name} is not reached by the keyboard`);
}

test.describe('by the keyboard alone', { tag: '@desk' }, () => {
  test('one signs in, looks at security, and signs out', async ({ page, agent }) => {
    await page.goto('/connexion');
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Aller au contenu' })).toBeFocused();
    await page.keyboard.press('Enter');
    await tabTo(page, 'Identifiant ou adresse', 'textbox');
    await page.keyboard.type(agent.login);
    await page.keyboard.press('Tab');
    await page.keyboard.type(agent.password);
    await page.keyboard.press('Enter');
    await expect(title(page)).toHaveText(/^Bonjour /);
    await tabTo(page, 'Ouvrir la sécurité', 'link');
    await page.keyboard.press('Enter');
    await expect(title(page)).toBeFocused();
    await tabTo(page, 'Mot de passe', 'tab');
    await page.keyboard.press('ArrowRight');
    await expect(page.getByRole('tab', { name: 'Secondes preuves' })).toBeFocused();
    await page.keyboard.press('End');
    await expect(page.getByRole('tab', { name: 'Journal' })).toHaveAttribute('aria-selected', 'true');
    await tabTo(page, 'Se déconnecter', 'button');
    await page.keyboard.press('Enter');
    await expect(title(page)).toHaveText('Se connecter');
  });

  test('one activates an account', async ({ page, appointed }) => {
    await page.goto('/activation');
    await tabTo(page, 'Identifiant', 'textbox');
    await page.keyboard.type(appointed.login);
    await tabTo(page, 'NUMEN', 'textbox');
    await page.keyboard.type(appointed.numen);
    await tabTo(page, 'Date de naissance', 'textbox');
    await page.keyboard.type(appointed.birthDate);
    await page.keyboard.press('Enter');
    await expect(title(page)).toHaveText('Choisir un mot de passe');
    await expect(title(page)).toBeFocused();
    await tabTo(page, 'Nouveau mot de passe', 'textbox');
    await page.keyboard.type('quatre lampadaires dansent la nuit');
    await tabTo(page, 'Confirmer le mot de passe', 'textbox');
    await page.keyboard.type('quatre lampadaires dansent la nuit');
    await page.keyboard.press('Enter');
    await expect(title(page)).toHaveText('Protéger mon compte');
    await tabTo(page, /Clé d’accès/, 'radio');
    await page.keyboard.press('ArrowUp'); // round to the last: later
    await expect(page.getByRole('radio', { name: /Plus tard/ })).toBeChecked();
    await tabTo(page, 'Continuer', 'button');
    await page.keyboard.press('Enter');
    await expect(title(page)).toHaveText('Codes de secours');
    await tabTo(page, 'Afficher mes dix codes', 'button');
    await page.keyboard.press('Enter');
    await tabTo(page, 'J’ai conservé mes codes', 'checkbox');
    await page.keyboard.press('Space');
    await tabTo(page, 'Continuer', 'button');
    await page.keyboard.press('Enter');
    await expect(title(page)).toHaveText('Tout est prêt');
    await tabTo(page, 'Ouvrir mon compte', 'button');
    await page.keyboard.press('Enter');
    await expect(title(page)).toHaveText(/^Bonjour /);
  });

  test('every component does what its kind does everywhere', async ({ page }) => {
    await page.goto('/demo/composants');
    await tabTo(page, 'Discipline', 'combobox');
    await page.keyboard.type('educ');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('combobox')).toHaveValue('Éducation physique et sportive');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('listbox')).toBeHidden();

    await tabTo(page, 'Appareil', 'button');
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('menuitem', { name: 'Renommer' })).toBeFocused();
    await page.keyboard.press('End');
    await expect(page.getByRole('menuitem', { name: 'Révoquer' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'Appareil', exact: true })).toBeFocused();
    await expect(page.getByRole('menu')).toHaveCount(0);

    await tabTo(page, 'Révoquer l’appareil', 'button');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Révoquer l’appareil' })).toBeFocused();

    await tabTo(page, 'Mot de passe', 'tab');
    await page.keyboard.press('ArrowLeft');
    await expect(page.getByRole('tab', { name: 'Appareils' })).toBeFocused();
    await expect(page.getByRole('tabpanel')).toContainText('Contenu : Appareils');
    await page.keyboard.press('Home');
    await expect(page.getByRole('tab', { name: 'Mot de passe' })).toHaveAttribute('aria-selected', 'true');
  });
});
