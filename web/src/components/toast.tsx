import { signal } from '@preact/signals';
import { t } from '../i18n/index.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

interface Toast {
  id: number;
  text: string;
}

/** How long a toast stays, in milliseconds: long enough to be read slowly. */
export const toastLife = 12_000;

/** Something that was told, and when, ISO 8601. */
export interface Told {
  id: number;
  text: string;
  at: string;
}

/** The toasts that are shown, and the last ones that were: what passed by can be read again. */
export const toasts = signal<Toast[]>([]);
export const recent = signal<Told[]>([]);

/** How many are kept to be read again. */
const kept = 50;

let last = 0;

/** Tells in passing that something was done. What needs an answer is no toast. */
export function tell(text: string): void {
  const id = ++last;
  toasts.value = [...toasts.value, { id, text }];
  recent.value = [{ id, text, at: new Date().toISOString() }, ...recent.value].slice(0, kept);
  setTimeout(() => dismiss(id), toastLife);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** The corner of the page where toasts appear. It is there from the start, so that readers of screens watch it. */
export function Toasts() {
  return (
    <div class="toasts" role="status">
      {toasts.value.map((toast) => (
        <div class="toast" key={toast.id}>
          <span>{toast.text}</span>
          <Button kind="plain" aria-label={t().toast.dismiss} onPress={() => dismiss(toast.id)}>
            <Icon name="close" />
          </Button>
        </div>
      ))}
    </div>
  );
}
