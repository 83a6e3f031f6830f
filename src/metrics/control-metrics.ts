// Metrics of the control loop: its mode, what it has learned of the switches, gaps, the process. A limit that is not there is +Inf:
// so every series is always present, and `demand > limit` is false. Called numbers are never labels: GET /v1/gaps has them.
import { modeCauses } from '../control/running-mode.ts';
import { gapCauses, runningModes } from '../control/throttle.ts';
import { counter, type Families, gauge, type Say } from './families.ts';
import { addFeedbackMetrics } from './feedback-metrics.ts';
import { addInterfaceMetrics } from './interface-metrics.ts';
import { allIndicators, type LoopView } from './loop-view.ts';
import type { MetricSources } from './metrics.ts';

type Loop = MetricSources['loop'];

export function addControlMetrics(families: Families, sources: MetricSources): void {
  addMode(families, sources.loop);
  addSwitchLimits(families, sources.loop);
  addInterfaceMetrics(families, sources.loop);
  addGaps(families, sources.loop);
  addFeedbackMetrics(families, sources);
  addHost(families, sources.loop);
}

/** A gauge without labels; nothing before the first throttle. */
function plain(families: Families, loop: Loop, name: string, help: string, read: (view: LoopView) => number): void {
  gauge(families, name, help, [], (say) => {
    const view = loop();
    if (view !== undefined) say({}, read(view));
  });
}

function addMode(families: Families, loop: Loop): void {
  plain(
    families,
    loop,
    'surgegate_control_enabled',
    '1 while limits follow what the edge sees; 0 with control.enabled: false, when what follows is told and not in force',
    ({ isEnabled }) => (isEnabled ? 1 : 0),
  );
  plain(
    families,
    loop,
    'surgegate_running_mode',
    'Running mode: 0 normal; 1 non-essential requests refused, hot numbers gapped; 2 ordinary calls reduced; 3 crisis, only priority calls flow freely',
    ({ throttle }) => runningModes.indexOf(throttle.mode),
  );
  gauge(
    families,
    'surgegate_running_mode_cause',
    '1 for each indicator that asks for the running mode in force, for the orchestrator if it does, for an operator who ordered it; while the mode falls, what asked last',
    ['cause'],
    (say) => {
      const view = loop();
      if (view === undefined) return;
      for (const cause of modeCauses) say({ cause }, view.control.mode.causes.includes(cause) ? 1 : 0);
    },
  );
  gauge(
    families,
    'surgegate_indicator_mode',
    'Running mode that an indicator of a mass-call event proposes, 0 to 3; the highest is in force',
    ['indicator'],
    (say) => eachIndicator(loop, say, ({ proposes }) => runningModes.indexOf(proposes)),
  );
  gauge(
    families,
    'surgegate_indicator_ratio',
    'What an indicator measured where it is worst, 1 = 100 % (of normal, of capacity, of a buffer); 0 while it proposes nothing',
    ['indicator'],
    (say) => eachIndicator(loop, say, ({ value }) => value),
  );
  plain(
    families,
    loop,
    'surgegate_concentration_ratio',
    'Share of the new calls of the last 2 s that is for the four hottest called numbers',
    ({ record }) => record.concentrationRatio,
  );
  plain(
    families,
    loop,
    'surgegate_ordinary_calls_per_second_limit',
    'Ordinary new calls admitted on the whole edge; +Inf while there is room for all',
    ({ throttle }) => throttle.ordinaryPerSecond,
  );
  plain(
    families,
    loop,
    'surgegate_registrations_per_second_limit',
    'REGISTERs admitted while calls are short or a registration storm is on; +Inf: what configuration says',
    ({ throttle }) => throttle.registrationsPerSecond,
  );
}

function eachIndicator(loop: Loop, say: Say, read: (one: ReturnType<typeof allIndicators>[number]) => number): void {
  const view = loop();
  if (view === undefined) return;
  for (const one of allIndicators(view.throttle)) say({ indicator: one.name }, read(one));
}

function addSwitchLimits(families: Families, loop: Loop): void {
  type Read = (one: LoopView['sample']['switches'][number], view: LoopView) => number | undefined;
  const add = (name: string, help: string, read: Read) =>
    gauge(families, name, help, ['switch'], (say) => {
      const view = loop();
      for (const one of view?.sample.switches ?? []) {
        const value = read(one, view!);
        if (value !== undefined) say({ switch: one.name }, value);
      }
    });
  const control = (view: LoopView, name: string) => view.control.switchControls.get(name);
  add(
    'surgegate_switch_capacity_calls_per_second',
    'New calls that a switch can complete, as configured or learned; +Inf while nothing is known',
    ({ name }, view) => control(view, name)?.capacity.perSecond,
  );
  add(
    'surgegate_switch_limit_calls_per_second',
    'New calls that a switch is given: its capacity, or less where it asks for less by oc',
    ({ name }, view) => control(view, name)?.throttle.callsPerSecond,
  );
  add(
    'surgegate_switch_demand_calls_per_second',
    'New calls of all classes that wanted to go to a switch',
    ({ name }, view) => control(view, name)?.demandPerSecond,
  );
  add(
    'surgegate_switch_outstanding_calls',
    'INVITEs that a switch has given no response but 100 to',
    ({ outstanding }) => outstanding,
  );
  add(
    'surgegate_switch_outstanding_limit_calls',
    'Most of them that it may have; +Inf: not limited by that',
    ({ name }, view) => control(view, name)?.throttle.outstanding,
  );
  add(
    'surgegate_switch_backlog_calls',
    'Calls that a switch was sent and, by its limit, has not worked off: the queue in it as the edge counts it',
    ({ backlogCalls }) => backlogCalls,
  );
  add(
    'surgegate_switch_backlog_limit_calls',
    'Most of them with an ordinary call that is sent: few while more is asked for than the switch can do; +Inf: not limited by that',
    ({ name }, view) => control(view, name)?.throttle.room?.ordinary ?? Number.POSITIVE_INFINITY,
  );
  add(
    'surgegate_switch_at_capacity',
    '1 while a switch gets all that it can do and more is asked for',
    ({ name }, view) => (control(view, name)?.capacity.isAtCapacity ? 1 : 0),
  );
  add('surgegate_switch_silent', '1 while a switch answers nothing and gets only probes: alarm', ({ name }, view) =>
    control(view, name)?.capacity.isSilent ? 1 : 0,
  );
}

function addGaps(families: Families, loop: Loop): void {
  gauge(
    families,
    'surgegate_gaps',
    'Called numbers and prefixes that are gapped or blocked now, by cause; GET /v1/gaps tells which',
    ['cause'],
    (say) => {
      const view = loop();
      if (view === undefined) return;
      const { gaps } = view.throttle;
      const inForce = view.isEnabled ? gaps : gaps.filter(({ cause }) => cause === 'operator');
      for (const cause of gapCauses) say({ cause }, inForce.filter((gap) => gap.cause === cause).length);
    },
  );
  counter(
    families,
    'surgegate_gap_calls_total',
    'Ordinary calls to gapped numbers, by what became of them: passed, once for each gap on the number, or refused',
    ['cause', 'result'],
    (say) => {
      const view = loop();
      if (view === undefined) return;
      for (const cause of gapCauses) {
        const { passed, refused } = view.record.gapCalls[cause];
        say({ cause, result: 'passed' }, passed);
        say({ cause, result: 'refused' }, refused);
      }
    },
  );
}

function addHost(families: Families, loop: Loop): void {
  plain(
    families,
    loop,
    'surgegate_event_loop_utilisation_ratio',
    'Share of the last sample interval in which the event loop was busy: 1 is the limit of this process',
    ({ sample }) => sample.host.loopUtilisation,
  );
  plain(
    families,
    loop,
    'surgegate_event_loop_delay_seconds',
    'Greatest delay of the event loop in the last sample interval',
    ({ sample }) => sample.host.loopDelayMs / 1000,
  );
  plain(
    families,
    loop,
    'surgegate_memory_ratio',
    'Memory in use as a share of what the process may have',
    ({ sample }) => sample.host.memoryRatio,
  );
}
