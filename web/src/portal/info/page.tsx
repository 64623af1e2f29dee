import { useEffect, useState } from 'preact/hooks';
import { language } from '../../i18n/index.ts';
import type { About } from '../../lib/types.ts';
import { about } from '../about.ts';
import { Page } from '../page.tsx';
import { fr } from './fr.ts';
import type { InfoName, InfoSection, InfoTexts } from './types.ts';

/** A page of information, in the language of the portal, with the names and numbers of the académie. */
export default function InfoPage({ name }: { name: InfoName }) {
  const texts = useTexts();
  const page = texts[name];
  const fill = filler(about.value);
  return (
    <Page title={fill(page.title)}>
      <div class="prose">
        <p>{fill(page.lead)}</p>
        {page.sections.map((section) => (
          <Section section={section} fill={fill} key={section.title} />
        ))}
      </div>
    </Page>
  );
}

function Section({ section, fill }: { section: InfoSection; fill: (text: string) => string }) {
  return (
    <>
      <h2>{section.title}</h2>
      {section.text.map((text) => (
        <p key={text}>{fill(text)}</p>
      ))}
      {section.list ? (
        <ul>
          {section.list.map((text) => (
            <li key={text}>{fill(text)}</li>
          ))}
        </ul>
      ) : null}
      {section.link ? (
        <p>
          <a href={section.link.to}>{section.link.text}</a>
        </p>
      ) : null}
    </>
  );
}

function useTexts(): InfoTexts {
  const [texts, setTexts] = useState<InfoTexts>(fr);
  useEffect(() => {
    if (language.value === 'fr') setTexts(fr);
    else void import('./en.ts').then(({ en }) => setTexts(en));
  }, [language.value]);
  return texts;
}

/** Puts what the académie says of itself into a text. */
export function filler(said: About): (text: string) => string {
  const values: Record<string, string> = { ...said, demo: '' };
  return (text) => text.replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
}
