// What is ordered of the edge from outside, as text for a terminal: lines about controls by hand, rows about orchestrators.
import type { ControlsJson, HeldJson } from './control-json.ts';
import type { LinkStatus } from './link-status.ts';
import { limitText, percent, spanText } from './text-values.ts';

/** A line for each; a drain by hand is told with the rest. */
export function controlLines({ mode, drain, shadow, switches, ordered }: ControlsJson): string[] {
  const more = (held: HeldJson): string => `for ${spanText(held.remainingSeconds)} more (${held.by}: ${held.reason})`;
  return [
    ...(mode === null ? [] : [`ORDERED BY HAND: ${mode.mode} ${more(mode)}`]),
    ...(drain === null ? [] : [`ORDERED BY HAND: drain of the edge ${more(drain)}`]),
    ...(shadow === null ? [] : [`ORDERED BY HAND: shadow mode ${shadow.on ? 'on' : 'off'} ${more(shadow)}`]),
    ...switches.map((one) => `ORDERED BY HAND: drain of ${one.name} ${more(one)}`),
    ...ordered
      .filter(({ kind }) => kind === 'drain')
      .map(
        (one) =>
          `ORDERED: drain of the edge for ${spanText(one.remainingSeconds)} more (${one.by}@${one.orchestrator})`,
      ),
  ];
}

export const linkHeads = ['ORCHESTRATOR', 'STATE', 'MODE', 'BOUNDARY', 'GIVES UP', 'NOTICES', 'ANSWERED'];

export function linkRow(one: LinkStatus): string[] {
  return [
    one.name,
    one.up ? 'up' : 'down',
    `${one.mode ?? 'none'}${one.exempt ? ', exempt' : ''}`,
    limitText(one.boundaryPerSecond),
    percent(one.reductionRatio),
    String(one.notices),
    one.answeredSecondsAgo === null ? 'never' : `${spanText(Math.round(one.answeredSecondsAgo))} ago`,
  ];
}
