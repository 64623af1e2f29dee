/** What the pages promise to work on: the oldest version of each browser. */
export const floor = { chrome: 109, firefox: 115, safari: 15.6 };

/** Something that browsers learnt later than the floor: the version of each that has it, Infinity for none yet. */
export interface Young {
  name: string;
  in: 'css' | 'js';
  chrome: number;
  firefox: number;
  safari: number;
  /** How it looks in built files, and an example that it finds. */
  pattern: RegExp;
  example: string;
  /** Why it may stand there all the same: what happens where it is not known. */
  harmless?: string;
}

const never = Infinity;

const css = (name: string, chrome: number, firefox: number, safari: number, pattern: RegExp, example: string, harmless?: string): Young => ({
  name, in: 'css', chrome, firefox, safari, pattern, example, ...(harmless ? { harmless } : {}),
});
const js = (name: string, chrome: number, firefox: number, safari: number, pattern: RegExp, example: string): Young => ({
  name, in: 'js', chrome, firefox, safari, pattern, example,
});

/** The versions are those of MDN's compatibility tables. Syntax that the build writes in older terms needs no line. */
export const young: Young[] = [
  css('light-dark()', 123, 120, 17.5, /light-dark\(/, 'color:light-dark(#fff,#000)'),
  css(':has()', 105, 121, 15.4, /:has\(/, 'a:has(b){}'),
  css('nesting', 120, 117, 17.2, /[{;]\s*&/, 'a{&:hover{}}'),
  css('container queries', 105, 110, 16, /@container/, '@container (width>1px){}'),
  css('ranges in media queries', 104, 63, 16.4, /@media[^{]*[<>]/, '@media (width>=10em){}'),
  css('color-mix(), oklch() and oklab()', 111, 113, 16.2, /color-mix\(|oklch\(|oklab\(/, 'color:oklch(0 0 0)'),
  css('relative colours', 119, 128, 16.4, /(rgb|hsl|lab|lch)\(from /, 'color:rgb(from red r g b)'),
  css(':popover-open', 114, 125, 17, /:popover-open/, '[popover]:popover-open{}'),
  css('@starting-style', 117, 129, 17.5, /@starting-style/, '@starting-style{}'),
  css('@scope', 118, 146, 17.4, /@scope/, '@scope (.a){}'),
  css('@property', 85, 128, 16.4, /@property/, '@property --a{}'),
  css('subgrid', 117, 71, 16, /subgrid/, 'grid-template-columns:subgrid'),
  css('nth-child(of)', 111, 113, 9, /nth-(last-)?child\([^)]* of /, ':nth-child(1 of .a){}'),
  css('anchor positioning', 125, 147, 26, /anchor-name|position-anchor|position-area/, 'anchor-name:--a'),
  css('field-sizing', 123, never, 26.2, /field-sizing/, 'field-sizing:content'),
  css('scrollbar-gutter', 94, 97, 18.2, /scrollbar-gutter/, 'scrollbar-gutter:stable'),
  css('trigonometry and rounding', 125, 118, 15.4, /\b(round|mod|rem|sin|cos)\(/, 'width:round(1px,2px)'),
  css('overflow: clip', 90, 81, 16, /overflow[^:;{]*:\s*clip/, 'overflow:clip'),
  css('text-wrap', 114, 121, 17.4, /text-wrap/, 'text-wrap:balance', 'lines of a title break as they always did'),

  js('popover', 114, 125, 17, /showPopover|hidePopover|popovertarget/i, 'a.showPopover()'),
  js('passkeys as JSON', 129, 119, 18.4, /parseCreationOptionsFromJSON|parseRequestOptionsFromJSON/, 'PublicKeyCredential.parseRequestOptionsFromJSON(a)'),
  js('arrays that are copied', 110, 115, 16, /\.(toSorted|toReversed|toSpliced|with)\(/, 'a.toSorted()'),
  js('groupBy', 117, 119, 17.4, /\bgroupBy\(/, 'Object.groupBy(a)'),
  js('Array.fromAsync', 121, 115, 16.4, /fromAsync\(/, 'Array.fromAsync(a)'),
  js('Promise.withResolvers and try', 119, 121, 17.4, /withResolvers|Promise\.try/, 'Promise.withResolvers()'),
  js('signals that combine', 116, 124, 17.4, /AbortSignal\.(any|timeout)/, 'AbortSignal.any([])'),
  js('sets that combine', 122, 127, 17, /\.(union|intersection|difference|isSubsetOf)\(/, 'a.union(b)'),
  js('iterators that map', 122, 131, 18.4, /\bIterator\.(from|prototype)|\.values\(\)\.(map|filter|take|drop)\(/, 'a.values().map(f)'),
  js('URL.canParse', 120, 115, 17, /URL\.(canParse|parse)\(/, 'URL.canParse(a)'),
  js('looking back in expressions', 62, 78, 16.4, /\(\?<[=!]/, '/(?<=a)b/'),
  js('expressions of sets', 112, 116, 17, /\/[dgimsuy]*v[dgimsuy]*[.,;)\]]/, 'a=/[a--b]/v;'),
  js('well-formed strings', 111, 119, 16.4, /isWellFormed|toWellFormed/, 'a.isWellFormed()'),
  js('view transitions', 111, 144, 18, /startViewTransition/, 'document.startViewTransition()'),
  js('the navigation interface', 102, 147, 26.2, /\bnavigation\.(navigate|addEventListener)/, 'navigation.navigate(a)'),
  js('tasks that yield', 129, 142, never, /scheduler\.(yield|postTask)/, 'scheduler.yield()'),
  js('idle callbacks', 47, 55, never, /requestIdleCallback/, 'requestIdleCallback(f)'),
  js('import attributes', 123, 138, 17.2, /import\([^)]*,\s*\{\s*with/, 'import("a",{with:{type:"json"}})'),
];
