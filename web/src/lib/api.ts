/**
 * What the server says when it does not do as asked (RFC 9457). `code` is what a page acts upon; `detail` may be shown
 * in the page's language.
 */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** Texts for single fields of the request, by their name in it. */
  readonly fields: Record<string, string>;
  /** Seconds after which trying again makes sense; 0 when nothing was said. */
  readonly retryAfter: number;

  constructor(status: number, code: string, detail: string, fields: Record<string, string>, retryAfter: number) {
    super(detail);
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.retryAfter = retryAfter;
  }
}

/** How long an answer may take, in milliseconds: throttled sign-ins wait on purpose. */
const patience = 60_000;

/** Calls the server. Throws a Problem for whatever is not a success, the loss of the network included (status 0). */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), patience);
  let response: Response;
  let text: string;
  try {
    response = await fetch(`/api/${path}`, request(method, body, abort.signal));
    text = await response.text();
  } catch {
    throw new Problem(0, 'offline', '', {}, 0);
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) throw problemOf(response, text);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export const get = <T>(path: string) => call<T>('GET', path);
export const post = <T>(path: string, body: unknown = {}) => call<T>('POST', path, body);
export const remove = <T>(path: string) => call<T>('DELETE', path, {});

function request(method: string, body: unknown, signal: AbortSignal): RequestInit {
  const init: RequestInit = {
    method,
    signal,
    credentials: 'same-origin',
    cache: 'no-store',
    redirect: 'error',
    // A page of another site cannot send the last header, nor JSON, without asking us first.
    headers: { Accept: 'application/json', 'Accept-Language': document.documentElement.lang, 'X-Navette-CSRF': '1' },
  };
  if (body === undefined) return init;
  return { ...init, headers: { ...init.headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

interface ProblemDocument {
  code?: string;
  detail?: string;
  fields?: Record<string, string>;
}

function problemOf(response: Response, text: string): Problem {
  let doc: ProblemDocument = {};
  try {
    doc = JSON.parse(text) as ProblemDocument;
  } catch {
    // A proxy on the way answers in a format of its own.
  }
  const wait = Number(response.headers.get('Retry-After') ?? 0);
  return new Problem(response.status, doc.code ?? '', doc.detail ?? '', doc.fields ?? {}, Number.isFinite(wait) ? wait : 0);
}
