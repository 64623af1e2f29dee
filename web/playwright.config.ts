import { defineConfig } from '@playwright/test';
import { demo } from './browser/demo.ts';

/*
 * The pages in a real browser, against a real demo that test/e2e has started (NAVETTE_DEMO is its folder). Each project
 * is a way of looking at them: flows are walked at a desk, on a slow phone in the dark, and by the keyboard alone in forced
 * colours; pages are looked at in all.
 */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const flows = /(activation|school|security|signin)\.spec\.ts/;
const pages = /pages\.spec\.ts/;

/** What has something to be seen at 400 % that other tests do not show. */
const looks = /@looks/;

export default defineConfig({
  testDir: 'browser',
  outputDir: process.env['NAVETTE_SHOTS'] ?? 'node_modules/.cache/browser',
  snapshotPathTemplate: '{testDir}/snapshots/{arg}{ext}',
  fullyParallel: false,
  workers: 2,
  timeout: 180_000, // of the longest flow, on a slow phone, beside everything else that a machine tests
  expect: { timeout: 15_000 },
  forbidOnly: true,
  use: {
    baseURL: demo().origin,
    browserName: 'chromium',
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath: process.env['NAVETTE_CHROMIUM'] ?? '/usr/bin/chromium', args: flags },
  },
  projects: [
    { name: 'desk' },
    { name: 'phone', grepInvert: /@desk/, use: { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: 'dark' } },
    { name: 'keyboard', testMatch: flows, grepInvert: /@desk/, use: { contextOptions: { forcedColors: 'active' } } },
    { name: 'zoom', grep: looks, use: { viewport: { width: 320, height: 256 } } },
    { name: 'dark', testMatch: pages, use: { colorScheme: 'dark' } },
    { name: 'forced', testMatch: pages, use: { contextOptions: { forcedColors: 'active' } } },
    { name: 'still', grep: /the components/, use: { contextOptions: { reducedMotion: 'reduce' } } },
  ],
});
