// What `surgegate refusals` prints: a table, or of a few each with its reason in words.
import type { RefusalJson, RefusalsJson } from './refusal-json.ts';
import { printable, textTable } from './text-table.ts';
import { limitText, percent, rateText } from './text-values.ts';

/** Up to so many are explained one by one. */
const mostExplained = 3;
const heads = ['TIME', 'FROM', 'SOURCE', 'METHOD', 'CLASS', 'NUMBER', 'ANSWER', 'REASON', 'MODE', 'CALL-ID'];

export function refusalsText(all: RefusalsJson): string {
  const { entries } = all;
  if (entries.length === 0) return `no such refusal is kept; ${totalsText(all)}`;
  const list =
    entries.length <= mostExplained ? entries.map(explained).join('\n\n') : textTable(heads, entries.map(rowOf));
  return `${list}\n\n${totalsText(all)}`;
}

function totalsText({ kept, seen, sampledRatio }: RefusalsJson): string {
  const sampled = sampledRatio < 1 ? `, and of those that come now one in ${Math.round(1 / sampledRatio)}` : '';
  return `kept: ${kept} of the ${seen} since the start${sampled}`;
}

function rowOf(one: RefusalJson): string[] {
  return [
    one.at.slice(11, 23),
    fromText(one),
    one.source,
    one.method,
    one.class,
    one.number ?? '',
    answerText(one),
    one.reason,
    one.throttle.mode,
    one.callId,
  ];
}

const fromText = ({ interface: name, neighbour }: RefusalJson): string =>
  neighbour === '' ? name : `${name}/${neighbour}`;

function answerText({ shadow, status, retryAfterSeconds }: RefusalJson): string {
  if (shadow) return 'none: shadow mode';
  if (status === null) return 'none: dropped';
  return retryAfterSeconds === null ? String(status) : `${status}, retry after ${retryAfterSeconds} s`;
}

function explained(one: RefusalJson): string {
  const { throttle } = one;
  const called = one.number === null || one.number === '' ? '' : ` to ${one.number}`;
  const limits = [
    `all ordinary calls ${limitText(throttle.ordinaryCallsPerSecond)}`,
    ...(throttle.boundaryPerSecond === null ? [] : [`the host allows ${rateText(throttle.boundaryPerSecond)}`]),
    `${one.interface} ${limitText(throttle.interfaceSharePerSecond)}`,
    ...(throttle.neighbourSharePerSecond === null
      ? []
      : [`${one.neighbour || 'its sources without a name'} ${limitText(throttle.neighbourSharePerSecond)}`]),
  ];
  const indicators = one.indicators.map(
    ({ name, ratio, proposes }) => `${name} ${percent(ratio)} (proposes ${proposes})`,
  );
  const causes = throttle.causes.length === 0 ? '' : ` because of ${throttle.causes.join(', ')}`;
  const rows = [
    ['', `${one.at}  ${one.method} (${one.class})${called}, from ${fromText(one)} at ${one.source}`],
    ['reason', `${one.reason}: ${one.why}`],
    ['answer', answerText(one)],
    ['Call-ID', one.callId],
    ['throttle', `${throttle.mode}${causes}; ${limits.join(', ')}`],
    ['indicators', indicators.length === 0 ? 'none' : indicators.join(', ')],
    ...(one.oneIn === 1 ? [] : [['stands for', `${one.oneIn} that were refused`]]),
  ];
  return rows
    .map(([head, text]) => (head === '' ? printable(text!) : `  ${head!.padEnd(12)}${printable(text!)}`))
    .join('\n');
}
