import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test as base, expect, type CDPSession, type Page } from '@playwright/test';
import { demo } from './demo.ts';

export { expect };

/** What a test of a flow has: accounts of its own, and a page that may not break its policy. */
interface Fixtures {
  /** An activated account that no other test uses. */
  agent: Agent;
  /** Somebody who was appointed and has not activated the account. */
  appointed: Appointed;
}

export interface Agent {
  login: string;
  address: string;
  password: string;
}

export interface Appointed {
  login: string;
  numen: string;
  birthDate: string;
}

/** How much slower than this machine a phone of 2 GB is taken to be. */
const phoneThrottle = 4;

export const test = base.extend<Fixtures>({
  page: async ({ page }, use, info) => {
    const broken: string[] = [];
    page.on('console', (message) => {
      const text = message.text();
      // An answer of 4xx is told as an error of the console too; what matters here is what the policy or the page forbade.
      if (message.type() === 'error' && !text.startsWith('Failed to load resource')) broken.push(text);
    });
    page.on('pageerror', (error) => broken.push(error.message));
    if (info.project.name === 'phone') {
      const cdp = await page.context().newCDPSession(page);
      await cdp.send('Emulation.setCPUThrottlingRate', { rate: phoneThrottle });
    }
    await use(page);
    expect(broken, 'errors of the page and breaches of its policy').toEqual([]);
  },
  agent: async ({}, use) => {
    const line = taken(demo().accounts);
    await use({ login: line['login'] ?? '', address: line['address'] ?? '', password: line['password'] ?? '' });
  },
  appointed: async ({}, use) => {
    const line = taken(demo().fresh);
    await use({ login: line['login'] ?? '', numen: line['numen'] ?? '', birthDate: line['birth_date'] ?? '' });
  },
});

/** The first line that nobody has taken; workers, which know nothing of each other, see it by a folder of that name. */
function taken(lines: Record<string, string>[]): Record<string, string> {
  const marks = join(demo().dir, 'taken');
  mkdirSync(marks, { recursive: true });
  for (const line of lines) {
    try {
      mkdirSync(join(marks, line['login'] ?? ''));
      return line;
    } catch {
      continue; // somebody else's
    }
  }
  throw new Error('the demo has too few people for these tests');
}

/** A virtual authenticator, as a phone's or a laptop's: it holds passkeys and verifies its user. */
export async function authenticator(page: Page): Promise<{ cdp: CDPSession; id: string }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, id: authenticatorId };
}

/** Signs in by password, to the home page. */
export async function signIn(page: Page, agent: Agent): Promise<void> {
  await page.goto('/connexion');
  await page.getByLabel('Identifiant ou adresse').fill(agent.login);
  await page.getByLabel('Mot de passe', { exact: true }).fill(agent.password);
  await page.getByRole('button', { name: 'Se connecter', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Bonjour /);
}

/** The title of the page that is shown. */
export const title = (page: Page) => page.getByRole('heading', { level: 1 });
