import { render } from 'preact';
import '../styles/index.css';
import { speakAsBefore } from '../i18n/index.ts';
import { followLinks } from '../lib/router.ts';
import { learnAbout } from './about.ts';
import { App } from './app.tsx';
import { learnMe } from './me.ts';

await speakAsBefore();
followLinks();
void learnAbout();
void learnMe();
const root = document.getElementById('page');
if (root) render(<App />, root);
