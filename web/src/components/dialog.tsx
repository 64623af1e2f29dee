import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface DialogProps {
  title: string;
  open: boolean;
  /** By Escape as well: the caller puts `open` to false. */
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal window: the platform keeps the focus inside, and gives it back to where it was. */
export function Dialog({ title, open, onClose, children }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = box.current;
    if (!dialog) return;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  return (
    <dialog class="dialog" ref={box} aria-labelledby={id} onClose={onClose}>
      {open ? (
        <div class="stack">
          <h2 id={id}>{title}</h2>
          {children}
        </div>
      ) : null}
    </dialog>
  );
}
