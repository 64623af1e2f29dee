import type { ComponentChildren, JSX } from 'preact';

export type ButtonKind = 'primary' | 'secondary' | 'danger' | 'plain';

type ButtonProps = Omit<JSX.IntrinsicElements['button'], 'onClick' | 'type' | 'children'> & {
  kind?: ButtonKind;
  type?: 'button' | 'submit';
  /** What it does is under way: it keeps its place and its focus, and does nothing. */
  busy?: boolean;
  onPress?: (event: MouseEvent) => void;
  children: ComponentChildren;
};

/** A button. While busy it stays in the order of the keyboard, so that nobody loses the focus. */
export function Button({ kind = 'secondary', type = 'button', busy = false, onPress, children, ...rest }: ButtonProps) {
  const press = (event: MouseEvent) => {
    if (busy) {
      event.preventDefault();
      return;
    }
    onPress?.(event);
  };
  return (
    <button {...rest} type={type} class={`button button-${kind}`} aria-disabled={busy ? 'true' : undefined} onClick={press}>
      {children}
    </button>
  );
}
