/**
 * Where to go after signing in: the page that was asked for, if it is one of ours. Anything that a browser could read
 * as another host stays out.
 */
export function safeNext(asked: string | null): string {
  if (!asked || !/^\/[A-Za-z0-9_-][A-Za-z0-9/_-]*$/.test(asked)) return '/';
  return asked;
}
