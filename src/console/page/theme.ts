// Colours of the canvases, as style.css has them for dark and light.

export type ColourName =
  | 'offered'
  | 'admitted'
  | 'refused'
  | 'completed'
  | 'capacity'
  | 'ink-2'
  | 'line'
  | 'l1'
  | 'l2'
  | 'l3';

export function colour(name: ColourName): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Calls back when dark becomes light, or the other way. */
export function onThemeChange(act: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', act);
}
