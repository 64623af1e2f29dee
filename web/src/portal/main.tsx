import { render } from 'preact';
import '../styles/index.css';
import { speakAsBefore } from '../i18n/index.ts';
import { followLinks } from '../lib/router.ts';
import { learnAbout } from './about.ts';
import { App } from './app.tsx';

await speakAsBefore();
followLinks();
void learnAbout();
const root = document.getElementById('page');
if (root) render(<App />, root);
