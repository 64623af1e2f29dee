import { Fragment } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Alert, ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { formatDate, t } from '../../i18n/index.ts';
import { post, Problem } from '../../lib/api.ts';
import type { ConsentQuestion, ConsentTaken } from '../../lib/types.ts';
import { problemText, useSubmission } from '../form.ts';
import { Page } from '../page.tsx';

type Answer = 'accept' | 'refuse' | 'withdraw';

/**
 * What a guardian is asked by a link, without signing in. The token stands in the fragment, which a browser tells nobody;
 * to open the page changes nothing.
 */
export default function ConsentPage() {
  const words = t().consent;
  const token = decodeURIComponent(location.hash.slice(1));
  const [question, setQuestion] = useState<ConsentQuestion | undefined>(undefined);
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    if (token === '') setTrouble(words.noLink);
    else void read(token).then(setQuestion, (error: unknown) => setTrouble(textOf(error)));
  }, [token]);
  return (
    <Page title={words.title}>
      {trouble ? (
        <Alert kind="error" live>
          <p>{trouble}</p>
        </Alert>
      ) : null}
      {question ? (
        <Question token={token} question={question} onState={(state) => setQuestion({ ...question, state })} />
      ) : (
        <p role="status">{trouble ? '' : t().loading}</p>
      )}
    </Page>
  );
}

const read = (token: string) => post<ConsentQuestion>('consent/read', { token });

function textOf(error: unknown): string {
  if (!(error instanceof Problem)) throw error;
  return problemText(error);
}

interface QuestionProps {
  token: string;
  question: ConsentQuestion;
  onState: (state: string) => void;
}

function Question({ token, question, onState }: QuestionProps) {
  const words = t().consent;
  const chosen = useRef<Answer>('refuse');
  const form = useSubmission({
    send: async () => onState((await post<ConsentTaken>('consent/answer', { token, answer: chosen.current })).state),
  });
  const press = (answer: Answer) => {
    chosen.current = answer;
    form.submit();
  };
  return (
    <div class="stack">
      <p>{words.lead(question.name, question.school)}</p>
      <Facts question={question} />
      <State question={question} />
      <ErrorSummary errors={form.errors} />
      <div class="row">
        {question.state === 'asked' && !question.over ? (
          <>
            <Button busy={form.busy} onPress={() => press('accept')}>
              {words.accept}
            </Button>
            <Button busy={form.busy} onPress={() => press('refuse')}>
              {words.refuse}
            </Button>
          </>
        ) : null}
        {question.state === 'agreed' && !question.over ? (
          <Button busy={form.busy} onPress={() => press('withdraw')}>
            {words.withdraw}
          </Button>
        ) : null}
      </div>
      <p>
        <a href="/droits-des-responsables">{t().nav.guardians}</a>
      </p>
    </div>
  );
}

function Facts({ question }: { question: ConsentQuestion }) {
  const words = t().consent;
  const facts: [string, string][] = [
    [words.frame, question.frame],
    [words.purpose, question.purpose],
    [words.address, question.address],
    [words.who, words.whoSees(question.others)],
    [words.until, words.untilDay(formatDate(question.until))],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** Where the answer stands; it is told when it changes. */
function State({ question }: { question: ConsentQuestion }) {
  const words = t().consent;
  if (question.over) return <Over text={words.over} />;
  switch (question.state) {
    case 'agreed':
      return (
        <Alert kind="success" live>
          <p>{words.agreed(formatDate(question.until))}</p>
        </Alert>
      );
    case 'refused':
    case 'withdrawn':
      return (
        <Alert kind="success" live>
          <p>{question.state === 'refused' ? words.refused : words.withdrawn}</p>
        </Alert>
      );
    default:
      return <p>{words.free}</p>;
  }
}

function Over({ text }: { text: string }) {
  return (
    <Alert kind="info">
      <p>{text}</p>
    </Alert>
  );
}
