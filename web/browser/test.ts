import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test as base, expect, type CDPSession, type Page } from '@playwright/test';
import { demo } from './demo.ts';
import { byKeyboardAlone } from './hand.ts';

export { expect };

/** What a test of a flow has: accounts of its own, and a page that may not break its policy. */
interface Fixtures {
  /** An activated account that no other test uses. */
  agent: Agent;
  /** Somebody who was appointed and has not activated the account. */
  appointed: Appointed;
  /** An activated account that is the same in each run, and that no other test of the project uses. */
  reader: Agent;
  /** A head of a school, and somebody there who waits for the activation. */
  school: School;
}

export interface School {
  head: Agent;
  waiting: { login: string; display: string };
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
    if (info.project.name === 'keyboard') byKeyboardAlone(page);
    await use(page);
    expect(broken, 'errors of the page and breaches of its policy').toEqual([]);
  },
  agent: async ({}, use) => {
    await use(agentOf(taken(demo().accounts.slice(readers))));
  },
  appointed: async ({}, use) => {
    const line = taken(demo().fresh);
    await use({ login: line['login'] ?? '', numen: line['numen'] ?? '', birthDate: line['birth_date'] ?? '' });
  },
  reader: async ({}, use, info) => {
    const projects = info.config.projects.map((project) => project.name);
    await use(agentOf(demo().accounts[projects.indexOf(info.project.name)] ?? {}));
  },
  school: async ({ playwright }, use) => {
    for (const line of demo().accounts.filter((line) => line['role'] === 'head')) {
      const head = agentOf(line);
      const api = await playwright.request.newContext({ baseURL: demo().origin, extraHTTPHeaders: { 'X-Navette-CSRF': '1', Origin: demo().origin } });
      await api.post('/api/session', { data: { login: head.login, password: head.password, shared: false } });
      const waiting = (await (await api.get('/api/school/waiting')).json()) as School['waiting'][];
      await api.dispose();
      const one = waiting[0]; // alone, so that the page is the same in each run
      if (waiting.length === 1 && one && take(one.login)) {
        await use({ head, waiting: one });
        return;
      }
    }
    throw new Error('nobody waits for a head any more');
  },
});

/** The first accounts are those of readers, one a project. */
const readers = 8;

function agentOf(line: Record<string, string>): Agent {
  return { login: line['login'] ?? '', address: line['address'] ?? '', password: line['password'] ?? '' };
}

/** The first line that nobody has taken. */
function taken(lines: Record<string, string>[]): Record<string, string> {
  const line = lines.find((line) => take(line['login'] ?? ''));
  if (!line) throw new Error('the demo has too few people for these tests');
  return line;
}

/** Takes somebody, unless another test has; workers, which know nothing of each other, see it by a folder of that name. */
function take(login: string): boolean {
  const marks = join(demo().dir, 'taken');
  mkdirSync(marks, { recursive: true });
  try {
    mkdirSync(join(marks, login));
    return true;
  } catch {
    return false;
  }
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
