import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/index.ts';

interface PageProps {
  title: string;
  /** A narrow column in the middle: pages with one form. */
  entry?: boolean;
  children: ComponentChildren;
}

/** Whether a page was shown before: the first one keeps the focus where the browser puts it. */
let later = false;

/** A page: its title in the window, its one h1, which takes the focus when one comes from another page. */
export function Page({ title, entry, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} — ${t().app}`;
    if (later) heading.current?.focus();
    later = true;
  }, [title]);
  return (
    <div class={`stack stack-wide ${entry ? 'entry' : ''}`}>
      <h1 tabIndex={-1} ref={heading}>
        {title}
      </h1>
      {children}
    </div>
  );
}
