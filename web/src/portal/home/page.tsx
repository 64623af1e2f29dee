import { Alert } from '../../components/alert.tsx';
import { Icon } from '../../components/icon.tsx';
import { formatDate, t } from '../../i18n/index.ts';
import type { Card, CardFunction, HistoryLine, Protection, Security } from '../../lib/types.ts';
import { useLoaded } from '../loaded.tsx';
import { me } from '../me.ts';
import { Page } from '../page.tsx';

/** Who one is here, and who guarantees it. */
export default function HomePage() {
  const words = t().home;
  const card = useLoaded<Card>('account');
  const security = useLoaded<Security>('account/security');
  return (
    <Page title={words.title(me.value?.display ?? '')}>
      {card.trouble ? (
        <Alert kind="error" live>
          <p>{card.trouble}</p>
        </Alert>
      ) : null}
      {security.value ? <Warning protection={security.value.protection} /> : null}
      {card.value ? <Cards card={card.value} /> : <p role="status">{card.trouble ? '' : t().loading}</p>}
    </Page>
  );
}

function Warning({ protection }: { protection: Protection }) {
  const words = t().home;
  if (protection.factors.length > 0) return null;
  const text = me.value?.must_enrol ? words.enrol : protection.due ? words.noSecondUntil(formatDate(protection.due)) : words.noSecond;
  return (
    <Alert kind={me.value?.must_enrol ? 'warning' : 'info'}>
      <p>{text}</p>
      <p>
        <a href="/securite">{words.openSecurity}</a>
      </p>
    </Alert>
  );
}

function Cards({ card }: { card: Card }) {
  const words = t().home;
  return (
    <>
      <div class="cards">
        <section class="card" aria-labelledby="identity">
          <h2 id="identity">{words.identity}</h2>
          <dl class="facts">
            <dt>{words.name}</dt>
            <dd>{card.display}</dd>
            <dt>{words.address}</dt>
            <dd>{card.address}</dd>
            <dt>{words.login}</dt>
            <dd>{card.login}</dd>
            {card.aliases.length > 0 ? (
              <>
                <dt>{words.aliases}</dt>
                <dd>{card.aliases.join(', ')}</dd>
              </>
            ) : null}
          </dl>
          <Guarantee card={card} />
        </section>
        <section class="card" aria-labelledby="functions">
          <h2 id="functions">{words.functions}</h2>
          {card.functions.length === 0 ? <p>{words.noFunction}</p> : null}
          <ul class="plain">
            {card.functions.map((held) => (
              <li key={`${held.uai} ${held.function} ${held.starts}`}>
                <Held held={held} />
              </li>
            ))}
          </ul>
        </section>
        <section class="card" aria-labelledby="security">
          <h2 id="security">{words.security}</h2>
          <p>{words.securityText}</p>
          <p>
            <a class="button" href="/securite">
              {words.openSecurity}
            </a>
          </p>
        </section>
        {card.heads ? (
          <section class="card" aria-labelledby="school">
            <h2 id="school">{words.school}</h2>
            <p>{words.schoolText}</p>
            <p>
              <a class="button" href="/personnels-a-activer">
                {words.openSchool}
              </a>
            </p>
          </section>
        ) : null}
      </div>
      <History />
    </>
  );
}

function Guarantee({ card }: { card: Card }) {
  const words = t().home;
  if (card.provisional) {
    return (
      <Alert kind="warning">
        <p>{words.provisional(formatDate(card.until))}</p>
      </Alert>
    );
  }
  return (
    <div class="guarantee">
      <Icon name="check" />
      <div>
        <p class="legend">{words.guarantee}</p>
        <p>{card.reference ? words.guaranteed(card.reference) : words.unreferenced}</p>
      </div>
    </div>
  );
}

function Held({ held }: { held: CardFunction }) {
  const words = t().home;
  const span = held.ends ? `${words.since(formatDate(held.starts))}, ${words.until(formatDate(held.ends))}` : words.since(formatDate(held.starts));
  return (
    <>
      <p class="legend">
        {held.corps} ({held.function})
      </p>
      <p>{[held.school, held.city, held.uai].filter(Boolean).join(', ')}</p>
      <p class="hint">{span}</p>
      {held.reference ? <p class="hint">{words.reference(held.reference)}</p> : null}
    </>
  );
}

/** The sentences of HR, which are French in every language: they are written once, on their day. */
function History() {
  const history = useLoaded<HistoryLine[]>('account/history');
  if (!history.value || history.value.length === 0) return null;
  return (
    <details class="fold">
      <summary>{t().home.history}</summary>
      <ul class="fold-body plain" lang="fr">
        {history.value.map((line) => (
          <li key={line.at + line.text}>
            <span class="hint">{formatDate(line.at)}</span> {line.text}
          </li>
        ))}
      </ul>
    </details>
  );
}
