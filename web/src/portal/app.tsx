import type { ComponentChild } from 'preact';
import { useEffect } from 'preact/hooks';
import { Button } from '../components/button.tsx';
import { t } from '../i18n/index.ts';
import { goInstead, path } from '../lib/router.ts';
import { lazy } from './lazy.tsx';
import { me, signOut } from './me.ts';
import { Page } from './page.tsx';
import { ProofDialog } from './proof.tsx';
import { NavLink, Shell } from './shell.tsx';
import SignInPage from './signin/page.tsx';

const ActivationPage = lazy(() => import('./activation/page.tsx'));
const ConsentPage = lazy(() => import('./consent/page.tsx'));
const ForgottenPage = lazy(() => import('./forgotten/page.tsx'));
const HeldPage = lazy(() => import('./held/page.tsx'));
const HomePage = lazy(() => import('./home/page.tsx'));
const InfoPage = lazy(() => import('./info/page.tsx'));
const RecentPage = lazy(() => import('./recent/page.tsx'));
const SchoolPage = lazy(() => import('./school/page.tsx'));
const SecurityPage = lazy(() => import('./security/page.tsx'));

/** What each path shows to anybody. */
const publicPages: Record<string, () => ComponentChild> = {
  '/connexion': () => <SignInPage />,
  '/activation': () => <ActivationPage />,
  '/mot-de-passe-oublie': () => <ForgottenPage />,
  '/aide': () => <InfoPage key="help" name="help" />,
  '/telephone': () => <InfoPage key="phone" name="phone" />,
  '/accessibilite': () => <InfoPage key="accessibility" name="accessibility" />,
  '/mentions-legales': () => <InfoPage key="legal" name="legal" />,
  '/consentement': () => <ConsentPage />,
  '/mes-donnees': () => <HeldPage />,
  '/droits-des-responsables': () => <InfoPage key="guardians" name="guardians" />,
};

/** What each path shows to who is signed in. */
const privatePages: Record<string, () => ComponentChild> = {
  '/': () => <HomePage />,
  '/securite': () => <SecurityPage />,
  '/activite-recente': () => <RecentPage />,
  '/personnels-a-activer': () => <SchoolPage />,
};

export function App() {
  return (
    <>
      <Shell header={<Header />}>{shown()}</Shell>
      <ProofDialog />
    </>
  );
}

function shown(): ComponentChild {
  const open = publicPages[path.value];
  if (open) return open();
  const closed = privatePages[path.value];
  if (!closed) return <Missing />;
  if (me.value === undefined) return <p role="status">{t().loading}</p>;
  return me.value === null ? <ToSignIn /> : closed();
}

function Header() {
  const words = t().nav;
  if (!me.value) return <NavLink to="/connexion" text={words.signIn} />;
  return (
    <>
      <NavLink to="/" text={words.home} />
      <NavLink to="/securite" text={words.security} />
      <NavLink to="/activite-recente" text={words.recent} />
      <li>
        <Button kind="plain" onPress={() => void signOut()}>
          {words.signOut}
        </Button>
      </li>
    </>
  );
}

/** Who asks for a private page without a session is led to sign in, and from there back. */
function ToSignIn() {
  useEffect(() => goInstead(path.value === '/' ? '/connexion' : `/connexion?suite=${path.value}`), []);
  return null;
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
