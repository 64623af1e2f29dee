import { t } from '../i18n/index.ts';
import { createPasskey, passkeysWork, usePasskey, type CreationOptionsJSON, type RequestOptionsJSON } from '../lib/passkey.ts';

/** A passkey was not made or presented: the person said no, or the browser cannot. The message may be shown. */
export class Declined extends Error {}

/** Makes a passkey from what the server says, { publicKey: … }. */
export async function makePasskey(options: unknown): Promise<unknown> {
  return attempt(() => createPasskey((options as { publicKey: CreationOptionsJSON }).publicKey));
}

/** Presents a passkey for what the server says, { publicKey: … }. */
export async function presentPasskey(options: unknown): Promise<unknown> {
  return attempt(() => usePasskey((options as { publicKey: RequestOptionsJSON }).publicKey));
}

async function attempt(run: () => Promise<unknown>): Promise<unknown> {
  if (!passkeysWork()) throw new Declined(t().passkey.unsupported);
  try {
    return await run();
  } catch (error) {
    if (error instanceof DOMException) throw new Declined(t().passkey.declined);
    throw error;
  }
}
