/** The drawings of the pages, each on a grid of 24. They say nothing: the text beside them does. */
const drawings = {
  alert: 'M12 3 2 20h20zM12 10v4M12 17v.5',
  check: 'M4 13l5 5L20 6',
  close: 'M6 6l12 12M18 6L6 18',
  eye: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5M12 7.5V8',
  key: 'M14 10a5 5 0 1 0-4 4.9L12 17h2v2h2v2h4v-4l-6.4-6.4',
  down: 'M6 9l6 6 6-6',
  shuttle: 'M3 8h18v11H3zM3 8l9 7 9-7M7 4h10',
} as const;

export type IconName = keyof typeof drawings;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={drawings[name]} />
    </svg>
  );
}
