// The tables of what the edge sees: hot numbers and gaps, switches, interfaces with their neighbours.
import type { GapJson } from '../../admin/gap-json.ts';
import type { InterfaceStatus, NeighbourStatus, Status, SwitchStatus } from '../../admin/status.ts';
import { byId, setText } from './dom.ts';
import { grouped, percent, rate, span } from './format.ts';
import { drainSwitch, liftGap, liftSwitchDrain, placeGap } from './orders.ts';
import { type Cell, fillRows, type Row } from './table.ts';
import { gapCauseWords } from './words.ts';

const gapHeads = ['Number', 'Cause', 'Lets pass', 'Ends in', 'Passed', 'Refused', ''];
const switchHeads = ['Switch', 'State', 'Demand', 'Capacity', 'Limit', 'In set-up', ''];
const interfaceHeads = ['From', 'New calls', 'Normal', 'Share', 'Waiting', 'Kernel queue', 'Pushback'];

const number = (text: string, warns = false): Cell => ({ number: text, warns });
const nothing: Cell = { none: true };

export function showPanels(status: Status): void {
  showGaps(status);
  fillRows(byId('switch-rows'), switchHeads, status.switches.map(switchRow), 'No switch is configured.');
  const { interfaces } = status;
  fillRows(byId('interface-rows'), interfaceHeads, interfaces.flatMap(interfaceRows), 'No interface is configured.');
}

function showGaps({ gaps, gapCount, concentration }: Status): void {
  const { ratio, digits } = concentration;
  const more = gapCount > gaps.length ? ` ${gapCount - gaps.length} more gaps than these are in force.` : '';
  const hot =
    digits.length === 0
      ? 'Calls go to many numbers, none stands out.'
      : `${percent(ratio)} of calls are for ${digits.length === 1 ? 'one number' : `${digits.length} numbers`}.`;
  setText(byId('concentration'), hot + more);
  const gapped = new Set(gaps.map((gap) => gap.digits));
  const hotOnly = digits.filter((one) => !gapped.has(one));
  const sorted = [...gaps].sort((a, b) => order(a) - order(b) || (a.digits < b.digits ? -1 : 1));
  const rows = [...sorted.map((gap) => gapRow(gap, digits.includes(gap.digits))), ...hotOnly.map(hotRow)];
  fillRows(byId('gap-rows'), gapHeads, rows, 'No number is gapped.');
}

const order = (gap: GapJson): number => (gap.cause === 'operator' ? 0 : 1);

function gapRow(gap: GapJson, isHot: boolean): Row {
  const isOwn = gap.cause === 'operator' && gap.by !== 'orchestrator';
  const by = gap.by === undefined ? '' : ` (${gap.by})`;
  const what: Cell = isOwn
    ? { label: 'Lift', about: `Lift the gap on ${gap.digits}`, run: () => liftGap(gap.digits) }
    : { label: 'Gap', about: `Place a gap on ${gap.digits}`, run: () => placeGap(gap.digits) };
  return {
    key: `${gap.cause} ${gap.digits} ${gap.passRatio === undefined ? 'interval' : 'share'}`,
    cells: [
      gap.digits,
      `${gapCauseWords[gap.cause] ?? gap.cause}${by}${isHot ? ', hot' : ''}`,
      passes(gap),
      span(gap.remainingSeconds),
      number(grouped(gap.passed)),
      number(grouped(gap.refused)),
      what,
    ],
  };
}

function hotRow(digits: string): Row {
  const act: Cell = { label: 'Gap', about: `Place a gap on ${digits}`, run: () => placeGap(digits) };
  return { key: `hot ${digits}`, cells: [digits, 'hot', 'every call', nothing, nothing, nothing, act] };
}

function passes({ intervalSeconds, passRatio }: GapJson): string {
  if (passRatio !== undefined) return `${percent(passRatio)} of calls`;
  return intervalSeconds === 'stop' ? 'no call' : `1 call per ${intervalSeconds} s`;
}

function switchRow(one: SwitchStatus): Row {
  const act: Cell = one.drained
    ? { label: 'Put back', about: `Put ${one.name} back in service`, run: () => liftSwitchDrain(one.name) }
    : { label: 'Drain', about: `Drain ${one.name}`, run: () => drainSwitch(one.name) };
  const isFull = one.outstandingLimit !== null && one.outstanding >= one.outstandingLimit;
  const of = one.outstandingLimit === null ? '' : ` of ${grouped(Math.floor(one.outstandingLimit))}`;
  return {
    key: one.name,
    cells: [
      one.name,
      switchState(one),
      number(rate(one.demandPerSecond)),
      number(one.capacityPerSecond === null ? 'learning' : rate(one.capacityPerSecond)),
      number(one.limitPerSecond === null ? 'none' : rate(one.limitPerSecond)),
      number(grouped(one.outstanding) + of, isFull),
      act,
    ],
  };
}

function switchState(one: SwitchStatus): Cell {
  const oc = ocText(one.oc);
  const more = oc === '' ? '' : `, ${oc}`;
  if (one.state === 'down') return { shape: 'cross', text: `down${more}`, tone: 'bad' };
  if (one.silent) return { shape: 'octagon', text: 'does not answer', tone: 'bad' };
  if (one.drained) return { shape: 'person', text: `${one.state}, drained`, tone: 'warning' };
  if (one.state !== 'up') return { shape: 'triangle', text: `${one.state}${more}`, tone: 'warning' };
  if (one.atCapacity) return { shape: 'diamond', text: `up, at capacity${more}`, tone: 'warning' };
  return { shape: 'circle', text: `up${more}`, tone: 'good' };
}

function interfaceRows(one: InterfaceStatus): Row[] {
  const scan =
    one.scan.intervalSeconds === 0 ? '' : `, ${one.scan.batch} per ${Math.round(one.scan.intervalSeconds * 1000)} ms`;
  const oldest = one.waiting === 0 ? '' : ` (${Math.round(one.oldestSeconds * 1000)} ms)`;
  const times =
    one.normalPerSecond === null || one.normalPerSecond <= 0 ? 0 : one.arrivalsPerSecond / one.normalPerSecond;
  const queue = one.kernelQueueRatio === null ? 'unknown' : percent(one.kernelQueueRatio);
  const lost = one.kernelDrops === 0 ? '' : `, ${grouped(one.kernelDrops)} lost`;
  const head: Row = {
    key: one.name,
    cells: [
      one.name,
      number(rate(one.arrivalsPerSecond), times >= 3),
      number(one.normalPerSecond === null ? 'learning' : rate(one.normalPerSecond)),
      number(one.sharePerSecond === null ? 'no limit' : rate(one.sharePerSecond)),
      number(`${grouped(one.waiting)}${oldest}${scan}`),
      queue + lost,
      '',
    ],
  };
  const named = one.neighbours.filter(({ name }) => name !== '' || one.neighbours.length > 1);
  return [head, ...named.map((neighbour) => neighbourRow(one.name, neighbour))];
}

function neighbourRow(side: string, one: NeighbourStatus): Row {
  const told = ocText(one.oc);
  return {
    key: `${side} ${one.name}`,
    isPart: true,
    cells: [
      one.name || 'all others',
      number(rate(one.newCallsPerSecond)),
      nothing,
      number(one.sharePerSecond === null ? 'of interface' : rate(one.sharePerSecond)),
      nothing,
      nothing,
      one.complies ? told : `${told === '' ? '' : `${told}, `}goes on`,
    ],
  };
}

function ocText(oc: NeighbourStatus['oc']): string {
  if (oc === null) return '';
  return 'lossPercent' in oc ? `oc ${oc.lossPercent} % less` : `oc ${rate(oc.perSecond)}/s`;
}
