import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { matches } from '../lib/fold.ts';

interface ComboboxProps {
  id: string;
  label: string;
  hint?: string;
  options: string[];
  value: string;
  onValue: (value: string) => void;
}

/** A text field that proposes what fits (ARIA's editable combobox with list); any text may stay in it. */
export function Combobox({ id, label, hint, options, value, onValue }: ComboboxProps) {
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const found = options.filter((option) => matches(option, value));
  const showing = open && found.length > 0;
  const choose = (option: string) => {
    onValue(option);
    setOpen(false);
    setAt(-1);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setAt(at < 0 ? (step > 0 ? 0 : found.length - 1) : (at + step + found.length) % found.length);
    } else if (event.key === 'Enter' && showing && at >= 0) {
      event.preventDefault();
      choose(found[at] ?? value);
    } else if (event.key === 'Escape' && showing) {
      event.preventDefault();
      setOpen(false);
      setAt(-1);
    }
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint ? (
        <div class="hint" id={`${id}-hint`}>
          {hint}
        </div>
      ) : null}
      <div class="combobox">
        <input
          class="input"
          id={id}
          role="combobox"
          autocomplete="off"
          aria-expanded={showing}
          aria-controls={`${id}-options`}
          aria-autocomplete="list"
          aria-activedescendant={showing && at >= 0 ? `${id}-${at}` : undefined}
          aria-describedby={hint ? `${id}-hint` : undefined}
          value={value}
          onInput={(event) => {
            onValue(event.currentTarget.value);
            setOpen(true);
            setAt(-1);
          }}
          onKeyDown={onKey}
          onBlur={() => setOpen(false)}
        />
        <div class="options" role="listbox" id={`${id}-options`} aria-label={label} hidden={!showing}>
          {found.map((option, index) => (
            <div
              class="option"
              role="option"
              id={`${id}-${index}`}
              key={option}
              aria-selected={index === at}
              onMouseDown={(event) => {
                event.preventDefault(); // the field keeps the focus
                choose(option);
              }}
            >
              {option}
            </div>
          ))}
        </div>
      </div>
      <div class="visually-hidden" role="status">
        {open ? t().combobox.found(found.length) : ''}
      </div>
    </div>
  );
}
