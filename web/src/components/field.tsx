import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

interface FieldProps {
  /** Also the anchor that the summary of errors links to. */
  id: string;
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  value: string;
  onValue: (value: string) => void;
  /** What stands beside the input: a button to show what is typed. */
  aside?: ComponentChildren;
  type?: 'text' | 'password' | 'email' | 'search';
  class?: string;
  /** What password managers and browsers fill in (HTML's tokens). */
  autocomplete?: string;
  inputMode?: 'numeric' | 'email' | 'text';
  spellcheck?: boolean;
  autocapitalize?: 'none' | 'characters';
  maxLength?: number;
}

/** A labelled input with its hint above and its error below, both told with it. */
export function Field({ id, label, hint, error, value, onValue, aside, type = 'text', class: kind, ...input }: FieldProps) {
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint ? (
        <div class="hint" id={`${id}-hint`}>
          {hint}
        </div>
      ) : null}
      <div class="input-row">
        <input
          {...input}
          type={type as 'text'} // the types of Preact want one of them, not a choice
          class={`input ${kind ?? ''}`}
          id={id}
          name={id}
          value={value}
          aria-invalid={error ? 'true' : undefined}
          aria-describedby={described || undefined}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
        {aside}
      </div>
      <FieldError id={id} text={error} />
    </div>
  );
}

/** The error of the field with an id, as its input refers to it. */
export function FieldError({ id, text }: { id: string; text: string | undefined }) {
  if (!text) return null;
  return (
    <div class="field-error" id={`${id}-error`}>
      <Icon name="alert" />
      <span>
        <span class="visually-hidden">{t().errors.prefix} </span>
        {text}
      </span>
    </div>
  );
}

/** A field whose text is hidden until its reader asks; pasting and password managers work. */
export function SecretField(props: FieldProps) {
  const [shown, show] = useState(false);
  const words = t().field;
  return (
    <Field
      spellcheck={false}
      autocapitalize="none"
      {...props}
      type={shown ? 'text' : 'password'}
      aside={
        <Button aria-pressed={shown} aria-label={words.show(props.label)} onPress={() => show(!shown)}>
          <Icon name="eye" />
          {shown ? words.hideShort : words.showShort}
        </Button>
      }
    />
  );
}
