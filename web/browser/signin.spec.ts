import { demo } from './demo.ts';
import { lookAt } from './look.ts';
import { authenticator, expect, signIn, test, title } from './test.ts';

/** What does not depend on how a page is looked at is tried once. */
const desk = { tag: '@desk' };

test('a wrong password is told at the head and under its field, then the right one opens', async ({ page, agent }, info) => {
  await page.goto('/');
  await expect(page).toHaveURL('/connexion');
  await expect(page.locator('main')).toMatchAriaSnapshot(`
    - main:
      - heading "Se connecter" [level=1]
      - text: "Identifiant ou adresse Par exemple : cmartin"
      - textbox "Identifiant ou adresse"
      - text: Mot de passe
      - textbox "Mot de passe"
      - 'button "Afficher en clair : Mot de passe"': Afficher
      - 'checkbox "Cet ordinateur est partagé : ne rien y garder"'
      - text: "Cet ordinateur est partagé : ne rien y garder"
      - button "Se connecter"
      - paragraph: ou
      - button "Utiliser une clé d’accès"
      - list:
        - listitem:
          - link "Activer mon compte (première connexion)":
            - /url: /activation
        - listitem:
          - link "Mot de passe oublié ?":
            - /url: /mot-de-passe-oublie
  `);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await expect(page.getByRole('alert')).toContainText('2 erreurs sont à corriger');
  await page.getByRole('link', { name: 'Renseignez le champ « Mot de passe ».' }).click();
  await expect(page.getByLabel('Mot de passe', { exact: true })).toBeFocused();

  await page.getByLabel('Identifiant ou adresse').fill(agent.login);
  await page.getByLabel('Mot de passe', { exact: true }).fill('tout autre chose');
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await expect(page.getByRole('alert')).toContainText('Identifiant ou mot de passe incorrect.');
  await expect(page.getByRole('alert')).toBeFocused();
  await lookAt(page, info, 'connexion-erreur', [agent.login]);

  await page.getByLabel('Mot de passe', { exact: true }).fill(agent.password);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await expect(title(page)).toHaveText(/^Bonjour /);
  await expect(page.getByText(agent.address, { exact: true })).toBeVisible();
  await expect(page.getByText('Garantie par les ressources humaines')).toBeVisible();
});

test('a name that does not exist gets the answer of one that does', desk, async ({ page }) => {
  await page.goto('/connexion');
  await page.getByLabel('Identifiant ou adresse').fill('personne.du.tout');
  await page.getByLabel('Mot de passe', { exact: true }).fill('tout autre chose');
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await expect(page.getByRole('alert')).toContainText('Identifiant ou mot de passe incorrect.');
});

test('after signing out nothing is left, and a stolen cookie opens nothing', desk, async ({ page, agent, playwright }) => {
  await signIn(page, agent);
  const cookies = await page.context().cookies();
  const session = cookies.find((cookie) => cookie.name === '__Host-navette');
  expect(session).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
  const thief = await playwright.request.newContext({
    baseURL: demo().origin,
    extraHTTPHeaders: { 'X-Navette-CSRF': '1', Cookie: `__Host-navette=${session?.value}` },
  });
  expect((await thief.get('/api/account')).status()).toBe(200);

  await page.getByRole('navigation').getByRole('link', { name: 'Sécurité' }).click();
  await expect(title(page)).toHaveText('Sécurité');
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await expect(page).toHaveURL('/connexion');
  expect((await thief.get('/api/account')).status()).toBe(401);
  await page.goBack();
  await expect(title(page)).toHaveText('Se connecter');
  await expect(page.getByText(agent.address)).toHaveCount(0);
  await page.goto('/securite');
  await expect(page).toHaveURL('/connexion?suite=/securite');
});

test('one comes to the page that one asked for, and to no other site', desk, async ({ page, agent }) => {
  await page.goto('/securite');
  await page.getByLabel('Identifiant ou adresse').fill(agent.address);
  await page.getByLabel('Mot de passe', { exact: true }).fill(agent.password);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await expect(title(page)).toHaveText('Sécurité');
  await expect(page).toHaveURL('/securite');

  await page.context().clearCookies();
  await page.goto('/connexion?suite=//evil.example');
  await page.getByLabel('Identifiant ou adresse').fill(agent.login);
  await page.getByLabel('Mot de passe', { exact: true }).fill(agent.password);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await expect(title(page)).toHaveText(/^Bonjour /);
  await expect(page).toHaveURL('/');
});

test('a session is never the one that a browser came with', desk, async ({ page, agent }) => {
  await page.context().addCookies([{ name: '__Host-navette', value: 'chosen-by-a-stranger', url: 'https://localhost/', secure: true, httpOnly: true }]);
  await signIn(page, agent);
  const session = (await page.context().cookies()).find((cookie) => cookie.name === '__Host-navette');
  expect(session?.value).not.toBe('chosen-by-a-stranger');
});

test('a page of another origin can neither read nor write', desk, async ({ page, agent }) => {
  await signIn(page, agent);
  const elsewhere = await page.context().newPage();
  await elsewhere.route('http://evil.localhost/**', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>evil</title>' }));
  await elsewhere.goto('http://evil.localhost/');
  const outcomes = await elsewhere.evaluate(async (origin) => {
    const attempt = (path: string, init: RequestInit) =>
      fetch(origin + path, { credentials: 'include', ...init }).then(
        (response) => String(response.status),
        () => 'refused',
      );
    return [
      await attempt('/api/account', { headers: { 'X-Navette-CSRF': '1' } }),
      await attempt('/api/session', { method: 'DELETE' }),
      await attempt('/api/account/app-passwords', { method: 'POST', body: '{"label":"x"}', headers: { 'Content-Type': 'text/plain' } }),
    ];
  }, demo().origin);
  expect(outcomes).toEqual(['refused', 'refused', 'refused']);
  // Nor can it show one of ours within its own, to have it clicked on.
  const framed = await elsewhere.evaluate(async (origin) => {
    const frame = document.createElement('iframe');
    frame.src = `${origin}/connexion`;
    document.body.append(frame);
    await new Promise((done) => frame.addEventListener('load', done));
    return frame.contentDocument === null; // an error page of the browser, or a page that may be seen
  }, demo().origin);
  expect(framed).toBe(true);
  expect(elsewhere.frames().at(-1)?.url()).not.toContain('/connexion');
  await page.goto('/');
  await expect(title(page)).toHaveText(/^Bonjour /);
});

test('the pages are in English for who asks, and stay so', async ({ page, agent }, info) => {
  await page.goto('/connexion');
  await page.getByRole('button', { name: 'English' }).click();
  await expect(title(page)).toHaveText('Sign in');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.reload();
  await page.getByLabel('Identifier or address').fill(agent.login);
  await page.getByLabel('Password', { exact: true }).fill('quite another');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('Wrong identifier or password.');
  await page.getByLabel('Password', { exact: true }).fill(agent.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(title(page)).toHaveText(/^Hello /);
  await lookAt(page, info, 'home-en', null);
  await page.getByRole('button', { name: 'Français' }).click();
  await expect(title(page)).toHaveText(/^Bonjour /);
});

test('a passkey opens by itself, once it was made', async ({ page, agent }, info) => {
  await authenticator(page);
  await signIn(page, agent);
  await page.goto('/securite');
  await page.getByRole('tab', { name: 'Secondes preuves' }).click();
  await page.getByRole('button', { name: 'Ajouter une seconde preuve' }).click();
  await lookAt(page, info, 'securite-ajout');
  await page.getByRole('button', { name: 'Créer la clé d’accès' }).click();
  await expect(page.getByRole('rowheader', { name: 'Cet appareil' })).toBeVisible();
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await expect(page).toHaveURL('/connexion');
  await page.getByRole('button', { name: 'Utiliser une clé d’accès' }).click();
  await expect(title(page)).toHaveText(/^Bonjour /);
});

test('a browser without its younger powers signs in all the same', desk, async ({ page, agent }) => {
  await page.addInitScript(() => {
    // What the floor (Chrome 109, Firefox 115, Safari 15.6) does not have.
    for (const name of ['popover', 'showPopover', 'hidePopover', 'togglePopover']) Reflect.deleteProperty(HTMLElement.prototype, name);
    for (const name of ['toSorted', 'toReversed', 'toSpliced', 'with']) Reflect.deleteProperty(Array.prototype, name);
    for (const name of ['parseCreationOptionsFromJSON', 'parseRequestOptionsFromJSON']) Reflect.deleteProperty(PublicKeyCredential, name);
    for (const name of ['any', 'timeout']) Reflect.deleteProperty(AbortSignal, name);
    for (const name of ['groupBy']) Reflect.deleteProperty(Object, name);
    for (const name of ['canParse', 'parse']) Reflect.deleteProperty(URL, name);
    Reflect.deleteProperty(Promise, 'withResolvers');
  });
  await signIn(page, agent);
  await page.goto('/demo/composants');
  await page.getByRole('button', { name: 'Appareil', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Renommer' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Renommer' })).toBeVisible();
});
