import type { ComponentChildren } from 'preact';
import { FieldError } from './field.tsx';

export interface Option<T extends string> {
  value: T;
  label: string;
  hint?: string;
}

interface ChoicesProps<T extends string> {
  id: string;
  legend: string;
  options: Option<T>[];
  value: T;
  onValue: (value: T) => void;
}

/** One of several, as radio buttons. */
export function Choices<T extends string>({ id, legend, options, value, onValue }: ChoicesProps<T>) {
  return (
    <fieldset class="choices" id={id}>
      <legend class="legend">{legend}</legend>
      {options.map((option) => (
        <label class="choice" key={option.value}>
          <input
            type="radio"
            name={id}
            value={option.value}
            checked={option.value === value}
            onChange={() => onValue(option.value)}
          />
          <span class="choice-text">
            <span class="choice-label">{option.label}</span>
            {option.hint ? <span class="hint">{option.hint}</span> : null}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface CheckProps {
  id: string;
  checked: boolean;
  error?: string | undefined;
  onChecked: (checked: boolean) => void;
  children: ComponentChildren;
}

/** Yes or no, as a box to tick. */
export function Check({ id, checked, error, onChecked, children }: CheckProps) {
  return (
    <div class="stack">
      <label class="choice">
        <input
          type="checkbox"
          id={id}
          checked={checked}
          aria-invalid={error ? 'true' : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          onChange={(event) => onChecked(event.currentTarget.checked)}
        />
        <span>{children}</span>
      </label>
      <FieldError id={id} text={error} />
    </div>
  );
}
