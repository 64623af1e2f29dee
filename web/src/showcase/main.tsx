import { render } from 'preact';
import '../styles/index.css';
import { speakAsBefore } from '../i18n/index.ts';
import { Showcase } from './showcase.tsx';

await speakAsBefore();
const root = document.getElementById('page');
if (root) render(<Showcase />, root);
