// The edge in one line, for `systemctl status`: running mode, switches, and what is out of the ordinary.
import type { RunningMode } from '../control/throttle.ts';

export interface ServiceFacts {
  readonly mode: RunningMode;
  readonly shadow: boolean;
  readonly draining: boolean;
  readonly switches: readonly { readonly name: string; readonly isUp: boolean; readonly isDrained: boolean }[];
}

/** Names of so many switches; the rest are counted. */
const mostNames = 5;

/** `mode L2, switches 2 of 3 up (down: sw3)`. */
export function serviceStatus({ mode, shadow, draining, switches }: ServiceFacts): string {
  const down = switches.filter(({ isUp }) => !isUp).map(({ name }) => name);
  const drained = switches.filter(({ isDrained }) => isDrained).map(({ name }) => name);
  const notes = [listed('down', down), listed('drained', drained)].filter((note) => note !== '').join('; ');
  return [
    ...(draining ? ['draining'] : []),
    `mode ${mode}`,
    `switches ${switches.length - down.length} of ${switches.length} up${notes === '' ? '' : ` (${notes})`}`,
    ...(shadow ? ['shadow: nothing is refused for load'] : []),
  ].join(', ');
}

function listed(word: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : '';
  return `${word}: ${names.slice(0, mostNames).join(', ')}${more}`;
}
