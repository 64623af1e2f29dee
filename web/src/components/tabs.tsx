import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';

export interface Tab {
  title: string;
  panel: () => ComponentChildren;
}

/** Panels of which one is shown. Arrows, Home and End move between the tabs and show what they reach. */
export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const show = (index: number) => {
    const next = (index + tabs.length) % tabs.length;
    setAt(next);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    const move: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
    const target = move[event.key];
    if (target === undefined) return;
    event.preventDefault();
    show(target);
  };
  return (
    <div>
      <div class="tabs-list" role="tablist" aria-label={label} ref={list} onKeyDown={onKey}>
        {tabs.map((tab, index) => (
          <button
            type="button"
            class="tab"
            role="tab"
            key={tab.title}
            id={`${id}-tab-${index}`}
            aria-selected={index === at}
            aria-controls={`${id}-panel`}
            tabIndex={index === at ? 0 : -1}
            onClick={() => setAt(index)}
          >
            {tab.title}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-tab-${at}`} tabIndex={0}>
        {tabs[at]?.panel()}
      </div>
    </div>
  );
}
