// What has changed from one look to the next, as lines of the timeline: running mode, indicators, gaps, switches, drains, orders by
// hand that are over.
import type { TimelineEntry } from '../admin/timeline-entry.ts';
import type { Held, OperatorControls } from '../control/operator-controls.ts';
import type { ModeCause } from '../control/running-mode.ts';
import type { Gap, GapCause, Indicator, Throttle } from '../control/throttle.ts';
import { gapText } from './texts.ts';

export type Tell = (entry: Omit<TimelineEntry, 'at'>) => void;

/** One look at the edge. */
export interface Look {
  readonly throttle: Throttle;
  readonly before: Throttle | undefined;
  /** Of the mode in force. */
  readonly causes: readonly ModeCause[];
  /** Health of each switch: `up`, `refusing`, `down`; or `silent`. */
  readonly switches: ReadonlyMap<string, string>;
  readonly controls: OperatorControls;
  readonly isDraining: boolean;
  /** By the clock of the samples. */
  readonly nowMs: number;
}

/** Gaps that change at once are told one by one up to here, and above it in one line. */
const mostLines = 5;
/** A gap with less of its time left has ended by itself, ms: looks are a sample apart. */
const slackMs = 1000;

export class Changes {
  private readonly tell: Tell;
  private switches: ReadonlyMap<string, string> | undefined;
  private controls: OperatorControls | undefined;
  private isDraining = false;

  constructor(tell: Tell) {
    this.tell = tell;
  }

  /** With every throttle. */
  look({ throttle, before, causes, switches, controls, isDraining, nowMs }: Look): void {
    this.noteIndicators(throttle, before);
    this.noteMode(throttle, before, causes);
    this.noteGaps(throttle.gaps, before?.gaps ?? [], nowMs);
    this.noteSwitches(switches);
    this.noteControls(controls, nowMs);
    if (isDraining !== this.isDraining) {
      this.isDraining = isDraining;
      const text = isDraining ? 'draining: ordinary new calls are refused' : 'no longer draining';
      this.tell({ kind: 'drain', severity: isDraining ? 'warning' : 'info', text });
    }
  }

  private noteMode({ mode, indicators }: Throttle, before: Throttle | undefined, causes: readonly ModeCause[]): void {
    const from = before?.mode ?? 'L0';
    if (mode === from) return;
    const why = causes.map((cause) => causeText(cause, indicators)).join(', ');
    const isHigher = mode > from;
    const text = `running mode ${from} → ${mode}${why === '' || !isHigher ? '' : `: ${why}`}`;
    this.tell({ kind: 'mode', severity: !isHigher ? 'info' : mode === 'L3' ? 'critical' : 'warning', text });
  }

  private noteIndicators({ indicators }: Throttle, before: Throttle | undefined): void {
    const raised = (all: readonly Indicator[] = []) => all.filter(({ proposes }) => proposes !== 'L0');
    const was = new Set(raised(before?.indicators).map(({ name }) => name));
    for (const one of raised(indicators)) {
      if (was.delete(one.name)) continue;
      this.tell({ kind: 'indicator', severity: 'warning', text: `${indicatorText(one)}, asks for ${one.proposes}` });
    }
    for (const name of was) this.tell({ kind: 'indicator', severity: 'info', text: `${name}: no longer raised` });
  }

  private noteGaps(now: readonly Gap[], before: readonly Gap[], nowMs: number): void {
    if (now === before) return;
    const gone = new Map(before.map((gap) => [gapKey(gap), gap]));
    const placed = now.filter((gap) => !gone.delete(gapKey(gap)));
    // the audit tells what operators place and lift
    const own = placed.filter(({ cause }) => cause !== 'operator');
    const ended = [...gone.values()].filter(({ cause, untilMs }) => cause !== 'operator' || untilMs - nowMs < slackMs);
    this.tellGaps(own, 'warning', 'gap placed', 'gaps placed');
    this.tellGaps(ended, 'info', 'gap ended', 'gaps ended');
  }

  private tellGaps(gaps: readonly Gap[], severity: TimelineEntry['severity'], one: string, several: string): void {
    const shown = gaps.length > mostLines ? [] : gaps;
    for (const gap of shown)
      this.tell({ kind: 'gap', severity, text: `${one}, ${causeWords[gap.cause]}: ${gapText(gap)}` });
    if (shown.length === gaps.length) return;
    const some = gaps.slice(0, mostLines).map(({ digits }) => digits);
    this.tell({ kind: 'gap', severity, text: `${gaps.length} ${several}: ${some.join(', ')} and others` });
  }

  private noteSwitches(switches: ReadonlyMap<string, string>): void {
    for (const [name, state] of switches) {
      const from = this.switches?.get(name);
      if (from === undefined || from === state) continue;
      const severity = state === 'up' ? 'info' : state === 'refusing' ? 'warning' : 'critical';
      this.tell({ kind: 'switch', severity, text: `switch ${name}: ${from} → ${state}` });
    }
    this.switches = switches;
  }

  /** Those that were in force and whose time is over; the audit tells which were lifted. */
  private noteControls(controls: OperatorControls, nowMs: number): void {
    const { controls: before } = this;
    this.controls = controls;
    if (before === undefined || before === controls) return;
    const over = (was: Held | undefined, is: Held | undefined, what: string) => {
      if (was === undefined || is !== undefined || was.untilMs > nowMs) return;
      this.tell({ kind: 'operator', severity: 'info', by: was.by, text: `${what} is over` });
    };
    over(before.mode, controls.mode, `the order of ${before.mode?.mode}`);
    over(before.drain, controls.drain, 'the order to drain the edge');
    over(before.shadow, controls.shadow, `the order of shadow mode ${before.shadow?.on ? 'on' : 'off'}`);
    for (const [name, held] of before.drainedSwitches)
      over(held, controls.drainedSwitches.get(name), `the drain of ${name}`);
  }
}

const causeWords: Readonly<Record<GapCause, string>> = {
  'mass-calling': 'mass calling',
  'hard-to-reach': 'hard to reach',
  operator: 'by an operator',
};

const gapKey = ({ cause, digits }: Gap): string => `${cause} ${digits}`;

function causeText(cause: ModeCause, indicators: readonly Indicator[]): string {
  const indicator = indicators.find(({ name }) => name === cause);
  return indicator === undefined ? cause : indicatorText(indicator);
}

function indicatorText({ name, value, interface: where }: Indicator): string {
  return `${name}${where === undefined ? '' : ` of ${where}`} ${Math.round(value * 100)} %`;
}
