import { signal } from '@preact/signals';

/** The path that is shown. */
export const path = signal(location.pathname);

/** Goes to another page of the portal. */
export function go(to: string): void {
  if (to !== location.pathname) history.pushState(null, '', to);
  path.value = new URL(to, location.origin).pathname;
  scrollTo(0, 0);
}

/** Goes to another page without leaving this one in the history: what was asked for must not be gone back to. */
export function goInstead(to: string): void {
  history.replaceState(null, '', to);
  path.value = location.pathname;
  scrollTo(0, 0);
}

/** Follows links of the portal without loading it again. Call once. */
export function followLinks(): void {
  addEventListener('popstate', () => {
    path.value = location.pathname;
  });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || !staysHere(link, event)) return;
    event.preventDefault();
    go(link.pathname);
  });
}

/** Pages that are not the portal's, or that somebody wants elsewhere, are the browser's. */
function staysHere(link: HTMLAnchorElement, event: MouseEvent): boolean {
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  const elsewhere = link.origin !== location.origin || link.target !== '' || link.hasAttribute('download');
  const foreign = /^\/(mail|admin|demo|api)(\/|$)/.test(link.pathname);
  return plain && !elsewhere && !foreign && !event.defaultPrevented && link.getAttribute('href')?.startsWith('#') !== true;
}
