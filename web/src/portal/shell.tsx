import type { ComponentChildren } from 'preact';
import { Icon } from '../components/icon.tsx';
import { Toasts } from '../components/toast.tsx';
import { language, speak, t } from '../i18n/index.ts';
import { path } from '../lib/router.ts';

interface ShellProps {
  /** The entries of the header: other pages, or what may be done. */
  header: ComponentChildren;
  children: ComponentChildren;
}

/** What stands around every page: a skip link, the header, the page, the footer, the toasts. */
export function Shell({ header, children }: ShellProps) {
  const words = t();
  const other = language.value === 'fr' ? 'en' : 'fr';
  return (
    <div class="shell">
      <a class="button skip" href="#content">
        {words.skip}
      </a>
      <header class="header">
        <div class="bar">
          <a class="brand" href="/">
            <Icon name="shuttle" size={28} />
            {words.app}
          </a>
          <nav aria-label={words.nav.label}>
            <ul class="nav">
              {header}
              <li>
                <button type="button" class="button button-plain" lang={other} onClick={() => void speak(other)}>
                  {words.nav.otherLanguage}
                </button>
              </li>
            </ul>
          </nav>
        </div>
      </header>
      <main class="main" id="content" tabIndex={-1}>
        {children}
      </main>
      <Footer />
      <Toasts />
    </div>
  );
}

function Footer() {
  const words = t().nav;
  return (
    <footer class="footer">
      <nav aria-label={words.footer}>
        <ul class="nav">
          <NavLink to="/aide" text={words.help} />
          <NavLink to="/telephone" text={words.phone} />
          <NavLink to="/accessibilite" text={words.accessibility} />
          <NavLink to="/mentions-legales" text={words.legal} />
          <NavLink to="/droits-des-responsables" text={words.guardians} />
        </ul>
      </nav>
    </footer>
  );
}

/** An entry of a navigation that says whether it is the page shown. */
export function NavLink({ to, text }: { to: string; text: string }) {
  return (
    <li>
      <a href={to} aria-current={path.value === to ? 'page' : undefined}>
        {text}
      </a>
    </li>
  );
}
