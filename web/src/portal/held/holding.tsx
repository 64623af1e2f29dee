import type { ComponentChildren } from 'preact';
import { Button } from '../../components/button.tsx';
import { formatDate, t } from '../../i18n/index.ts';
import type { HeldAnswer, HeldPerson } from '../../lib/types.ts';

/** What is held, as it is read and printed. */
export function Holding({ held }: { held: HeldAnswer }) {
  const words = t().held;
  const nothing = held.people.length + held.marks.length + held.former.length + held.frames.length === 0;
  return (
    <div class="stack prose">
      {nothing ? <p role="status">{words.nothing}</p> : null}
      {held.people.map((person) => (
        <Person person={person} key={`${person.name} ${person.pupil}`} />
      ))}
      {held.people.length > 0 && held.asOf !== '' ? <p>{words.asOf(formatDate(held.asOf))}</p> : null}
      <Lines title={words.marks} lines={held.marks.map((school) => words.markLine(school))} />
      <Lines title={words.former} lines={held.former.map((f) => words.formerLine(f.school, formatDate(f.until)))} />
      <Lines title={words.frames} lines={held.frames.map((f) => words.frameLine(f.name, f.school, f.agreed, formatDate(f.until)))} />
      <Section title={words.received}>
        <p>{words.receivedText(held.received)}</p>
      </Section>
      <Section title={words.why}>
        <p>{words.whyText}</p>
        <p>{words.correct}</p>
        <p>
          <a href="/droits-des-responsables">{t().nav.guardians}</a>
        </p>
      </Section>
      <div class="row no-print">
        <Button onPress={() => print()}>{t().actions.print}</Button>
      </div>
    </div>
  );
}

function Person({ person }: { person: HeldPerson }) {
  const words = t().held;
  return (
    <section>
      <h2>{person.name}</h2>
      <dl class="facts">
        <dt>{words.address}</dt>
        <dd>{person.address}</dd>
        {person.pupils.length > 0 ? (
          <>
            <dt>{person.pupil ? words.pupil : words.answersFor}</dt>
            <dd>
              <ul>
                {person.pupils.map((pupil) => (
                  <li key={`${pupil.forename} ${pupil.school}`}>
                    {[pupil.forename, pupil.school, ...pupil.divisions].join(', ')}
                    {person.pupil ? null : ` (${words.legal})`}
                  </li>
                ))}
              </ul>
            </dd>
          </>
        ) : null}
        {person.contact ? (
          <>
            <dt>{words.contact}</dt>
            <dd>{words.contactText}</dd>
          </>
        ) : null}
      </dl>
    </section>
  );
}

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Lines({ title, lines }: { title: string; lines: string[] }) {
  if (lines.length === 0) return null;
  return (
    <Section title={title}>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Section>
  );
}
