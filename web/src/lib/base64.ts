/** Octets as base64url without padding (RFC 4648 §5), which WebAuthn's JSON uses. */
export function toBase64url(octets: ArrayBuffer): string {
  const text = String.fromCharCode(...new Uint8Array(octets));
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** The octets of a base64url text, padded or not. */
export function fromBase64url(text: string): ArrayBuffer {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  const octets = new Uint8Array(plain.length);
  for (let i = 0; i < plain.length; i++) octets[i] = plain.charCodeAt(i);
  return octets.buffer;
}
