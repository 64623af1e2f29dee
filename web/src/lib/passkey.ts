import { fromBase64url, toBase64url } from './base64.ts';

/*
 * WebAuthn's options and answers as JSON. Browsers can convert them themselves, but none of the floor: this is done
 * by hand for all, so that there is one way.
 */

interface JSONDescriptor {
  id: string;
  type: 'public-key';
  transports?: AuthenticatorTransport[];
}

export interface CreationOptionsJSON {
  rp: PublicKeyCredentialRpEntity;
  user: { id: string; name: string; displayName: string };
  challenge: string;
  pubKeyCredParams: PublicKeyCredentialParameters[];
  timeout?: number;
  excludeCredentials?: JSONDescriptor[];
  authenticatorSelection?: AuthenticatorSelectionCriteria;
  attestation?: AttestationConveyancePreference;
}

export interface RequestOptionsJSON {
  challenge: string;
  timeout?: number;
  rpId?: string;
  allowCredentials?: JSONDescriptor[];
  userVerification?: UserVerificationRequirement;
}

/** Whether this browser knows passkeys. */
export function passkeysWork(): boolean {
  return typeof PublicKeyCredential === 'function' && isSecureContext;
}

/** Makes a passkey on this device, and returns what the server checks. Throws when the person declines. */
export async function createPasskey(options: CreationOptionsJSON): Promise<unknown> {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: fromBase64url(options.challenge),
      user: { ...options.user, id: fromBase64url(options.user.id) },
      excludeCredentials: (options.excludeCredentials ?? []).map(descriptor),
    },
  });
  const credential = made as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  return {
    ...common(credential),
    response: {
      clientDataJSON: toBase64url(response.clientDataJSON),
      attestationObject: toBase64url(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

/** Signs in with a passkey of this device, and returns what the server checks. */
export async function usePasskey(options: RequestOptionsJSON): Promise<unknown> {
  const got = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: fromBase64url(options.challenge),
      allowCredentials: (options.allowCredentials ?? []).map(descriptor),
    },
  });
  const credential = got as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    ...common(credential),
    response: {
      clientDataJSON: toBase64url(response.clientDataJSON),
      authenticatorData: toBase64url(response.authenticatorData),
      signature: toBase64url(response.signature),
      userHandle: response.userHandle ? toBase64url(response.userHandle) : undefined,
    },
  };
}

function descriptor(d: JSONDescriptor): PublicKeyCredentialDescriptor {
  return { ...d, id: fromBase64url(d.id) };
}

function common(credential: PublicKeyCredential) {
  return {
    id: credential.id,
    rawId: toBase64url(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}
