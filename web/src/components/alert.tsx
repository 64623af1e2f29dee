import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { Icon, type IconName } from './icon.tsx';

export type AlertKind = 'info' | 'success' | 'warning' | 'error';

const icons: Record<AlertKind, IconName> = { info: 'info', success: 'check', warning: 'alert', error: 'alert' };

interface AlertProps {
  kind: AlertKind;
  title?: string;
  /** Told as soon as it appears: for what happens after the page was read. */
  live?: boolean;
  children?: ComponentChildren;
}

/** A framed notice; its kind is said in words, not by its colour alone. */
export function Alert({ kind, title, live, children }: AlertProps) {
  return (
    <div class={`alert alert-${kind}`} role={live ? (kind === 'error' ? 'alert' : 'status') : undefined}>
      <Icon name={icons[kind]} />
      <div class="alert-body">
        <span class="visually-hidden">{t().alert[kind]}</span>
        {title ? <p class="alert-title">{title}</p> : null}
        {children}
      </div>
    </div>
  );
}

/** What is wrong with a form: a text for each field, "" for the form as a whole. */
export type FormErrors = Record<string, string>;

/**
 * The summary at the head of a form, linked to the fields that it names. It takes the focus each time that it changes,
 * so that who cannot see it hears it first.
 */
export function ErrorSummary({ errors }: { errors: FormErrors }) {
  const box = useRef<HTMLDivElement>(null);
  const entries = Object.entries(errors);
  useEffect(() => {
    if (entries.length > 0) box.current?.focus();
  }, [errors]);
  if (entries.length === 0) return null;
  return (
    <div class="alert alert-error" role="alert" tabIndex={-1} ref={box}>
      <Icon name="alert" />
      <div class="alert-body">
        <h2 class="alert-title">{t().errors.summary(entries.length)}</h2>
        <ul>
          {entries.map(([field, text]) => (
            <li key={field}>{field === '' ? text : <FieldLink field={field} text={text} />}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function FieldLink({ field, text }: { field: string; text: string }) {
  const go = (event: MouseEvent) => {
    event.preventDefault();
    document.getElementById(field)?.focus();
  };
  return (
    <a href={`#${field}`} onClick={go}>
      {text}
    </a>
  );
}
