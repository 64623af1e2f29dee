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
