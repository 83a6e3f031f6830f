// The status of an edge as a page of text, for a terminal.
import { callsText, eventsText } from './calls-text.ts';
import { drachtioLine } from './drachtio-status.ts';
import type { Sight } from './fetch-status.ts';
import type { GapJson } from './gap-json.ts';
import { controlLines, linkHeads, linkRow } from './ordered-text.ts';
import type { InterfaceStatus, NeighbourStatus, Status, SwitchStatus } from './status.ts';
import { textTable } from './text-table.ts';
import { limitText, percent, rateText, spanText } from './text-values.ts';

/** Without `history` and `events` their parts are left out. */
export function statusText(status: Status, { history, events }: Partial<Omit<Sight, 'status'>> = {}): string {
  const calls = history === undefined ? '' : callsText(history);
  const parts = [headText(status), indicatorText(status), calls, linkText(status), switchText(status.switches)];
  const last = events === undefined ? '' : eventsText(events);
  return [...parts, interfaceText(status.interfaces), gapText(status), last].filter((part) => part !== '').join('\n\n');
}

function headText(status: Status): string {
  const forSeconds = Math.max(0, Math.round((Date.parse(status.at) - Date.parse(status.modeSince)) / 1000));
  const causes = status.causes.length === 0 ? '' : ` because of ${status.causes.join(', ')}`;
  const { process: own, concentration } = status;
  return [
    `surgegate ${status.version}   ${status.mode} for ${spanText(forSeconds)}${causes}   ${status.at}`,
    ...(status.shadow ? ['SHADOW MODE: everything is decided and counted, nothing is refused for load'] : []),
    ...(status.controlEnabled
      ? []
      : ['CONTROL IS OFF: these limits are told and not in force; the gaps of the operator are']),
    ...(status.draining ? ['DRAINING: new calls are refused'] : []),
    ...controlLines(status.controls),
    `ordinary calls ${limitText(status.ordinaryCallsPerSecond)}   registrations ${limitText(status.registrationsPerSecond)}   ` +
      `non-essential ${status.nonEssentialPass ? 'pass' : 'refused'}   Retry-After +${status.retryAfterExtraSeconds} s`,
    ...(status.drachtio == null ? [] : [drachtioLine(status.drachtio)]),
    `event loop ${percent(own.loopUtilisation)}, late by ${Math.round(own.loopDelaySeconds * 1000)} ms   ` +
      `memory ${percent(own.memoryRatio)}   ${percent(concentration.ratio)} of calls are for ${few(concentration.digits)}`,
  ].join('\n');
}

const few = (digits: readonly string[]): string => (digits.length === 0 ? 'few numbers' : digits.join(', '));

function indicatorText({ indicators }: Status): string {
  const rows = indicators
    .filter(({ proposes }) => proposes !== 'L0')
    .map((one) => [one.name, one.proposes, percent(one.ratio), one.interface ?? '']);
  return rows.length === 0 ? '' : textTable(['INDICATOR', 'PROPOSES', 'MEASURED', 'ON'], rows);
}

function linkText({ orchestrators }: Status): string {
  return orchestrators.length === 0 ? '' : textTable(linkHeads, orchestrators.map(linkRow));
}

function switchText(switches: readonly SwitchStatus[]): string {
  const rows = switches.map((one) => [
    one.name,
    one.silent ? 'silent' : one.drained ? `${one.state}, drained` : one.state,
    limitText(one.capacityPerSecond, 'unknown'),
    limitText(one.limitPerSecond),
    rateText(one.demandPerSecond),
    `${one.outstanding}${one.outstandingLimit === null ? '' : ` of ${Math.floor(one.outstandingLimit)}`}`,
    [one.atCapacity ? 'at capacity' : '', ocText(one.oc)].filter((note) => note !== '').join(', '),
  ]);
  return textTable(['SWITCH', 'STATE', 'CAPACITY', 'LIMIT', 'DEMAND', 'OUTSTANDING', ''], rows);
}

function interfaceText(interfaces: readonly InterfaceStatus[]): string {
  const rows = interfaces.flatMap((one) => [
    [
      one.name,
      rateText(one.arrivalsPerSecond),
      limitText(one.normalPerSecond, 'unknown'),
      limitText(one.sharePerSecond),
      `${one.waiting}${one.waiting === 0 ? '' : `, ${Math.round(one.oldestSeconds * 1000)} ms`}`,
      one.scan.intervalSeconds === 0
        ? 'at once'
        : `${one.scan.batch} per ${Math.round(one.scan.intervalSeconds * 1000)} ms`,
      one.kernelQueueRatio === null ? 'unknown' : `${percent(one.kernelQueueRatio)}, ${one.kernelDrops} lost`,
      '',
    ],
    ...one.neighbours.filter(({ name }) => name !== '' || one.neighbours.length > 1).map(neighbourRow),
  ]);
  return textTable(['INTERFACE', 'NEW CALLS', 'NORMAL', 'SHARE', 'WAITING', 'SERVED', 'KERNEL QUEUE', ''], rows);
}

function neighbourRow(one: NeighbourStatus): string[] {
  const notes = [ocText(one.oc), one.complies ? '' : 'does not comply'].filter((note) => note !== '').join(', ');
  const share = one.sharePerSecond === null ? "interface's" : rateText(one.sharePerSecond);
  return [`  ${one.name || 'all others'}`, rateText(one.newCallsPerSecond), '', share, '', '', '', notes];
}

function gapText({ gaps, gapCount }: Status): string {
  if (gaps.length === 0) return 'no gaps';
  const rows = gaps.map((one) => [
    one.digits,
    one.cause,
    gapLimit(one),
    spanText(one.remainingSeconds),
    String(one.passed),
    String(one.refused),
  ]);
  const more = gapCount > gaps.length ? `\n${gapCount - gaps.length} more: GET /v1/gaps` : '';
  return textTable(['GAP ON', 'CAUSE', 'PASSES', 'ENDS IN', 'PASSED', 'REFUSED'], rows) + more;
}

function gapLimit({ intervalSeconds, passRatio }: GapJson): string {
  if (passRatio !== undefined) return `${percent(passRatio)} of calls`;
  return intervalSeconds === 'stop' ? 'none' : `1 per ${intervalSeconds} s`;
}

function ocText(oc: NeighbourStatus['oc']): string {
  if (oc === null) return '';
  return 'lossPercent' in oc ? `oc: ${oc.lossPercent} % less` : `oc: ${rateText(oc.perSecond)}`;
}
