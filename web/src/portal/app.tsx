import type { ComponentChild } from 'preact';
import { t } from '../i18n/index.ts';
import { path } from '../lib/router.ts';
import { lazy } from './lazy.tsx';
import { Page } from './page.tsx';
import { NavLink, Shell } from './shell.tsx';

const InfoPage = lazy(() => import('./info/page.tsx'));

/** What each path shows. */
const pages: Record<string, () => ComponentChild> = {
  '/aide': () => <InfoPage key="help" name="help" />,
  '/telephone': () => <InfoPage key="phone" name="phone" />,
  '/accessibilite': () => <InfoPage key="accessibility" name="accessibility" />,
  '/mentions-legales': () => <InfoPage key="legal" name="legal" />,
  '/droits-des-responsables': () => <InfoPage key="guardians" name="guardians" />,
};

export function App() {
  const show = pages[path.value] ?? (() => <Missing />);
  return <Shell header={<NavLink to="/connexion" text={t().nav.signIn} />}>{show()}</Shell>;
}

function Missing() {
  const words = t().missing;
  return (
    <Page title={words.title}>
      <p>{words.text}</p>
      <p>
        <a href="/">{words.back}</a>
      </p>
    </Page>
  );
}
