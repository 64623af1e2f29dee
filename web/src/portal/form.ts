import { useState } from 'preact/hooks';
import type { FormErrors } from '../components/alert.tsx';
import { t } from '../i18n/index.ts';
import { Problem } from '../lib/api.ts';
import { Declined } from './passkeys.ts';

/** What a page says of a problem: in its own words where it has some, else in the server's. */
export function problemText(problem: Problem): string {
  const words = t().errors;
  switch (problem.code) {
    case 'offline':
      return words.offline;
    case 'too-many':
      return words.tooMany(Math.max(1, problem.retryAfter));
    case 'signed-out':
      return words.expired;
    case 'internal':
      return words.internal;
    case 'temporary':
      return problem.message || words.temporary;
    default:
      return problem.message || words.internal;
  }
}

export interface Submission {
  busy: boolean;
  errors: FormErrors;
  /** Checks, then sends: what `check` finds is shown and nothing is sent. */
  submit: (event?: Event) => void;
}

interface SubmissionOptions {
  check?: () => FormErrors;
  send: () => Promise<void>;
  /** The field that a problem is about; "" for the form as a whole, which is the default. */
  about?: (problem: Problem) => FormErrors | undefined;
}

/** The life of a form: one sending at a time, errors of fields and of the server told in one way. */
export function useSubmission({ check, send, about }: SubmissionOptions): Submission {
  const [busy, setBusy] = useState(false);
  const [errors, setErrors] = useState<FormErrors>({});
  const run = async () => {
    setBusy(true);
    try {
      await send();
      setErrors({});
    } catch (error) {
      setErrors(errorsOf(error, about));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event?: Event) => {
    event?.preventDefault();
    if (busy) return;
    const found = check?.() ?? {};
    setErrors(found);
    if (Object.keys(found).length === 0) void run();
  };
  return { busy, errors, submit };
}

function errorsOf(error: unknown, about: SubmissionOptions['about']): FormErrors {
  if (error instanceof Declined) return { '': error.message };
  if (!(error instanceof Problem)) throw error;
  return about?.(error) ?? { '': problemText(error) };
}

/** Finds fields that were left empty. Keys are ids of fields, values their labels and what is in them. */
export function missing(fields: Record<string, [label: string, value: string]>): FormErrors {
  const found: FormErrors = {};
  for (const [id, [label, value]] of Object.entries(fields)) {
    if (value.trim() === '') found[id] = t().errors.required(label);
  }
  return found;
}
