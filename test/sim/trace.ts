// `npm run sim -- --trace N`: what Surgegate decides, a line every N seconds of a run. To look into, not to compare.
import { type ContestantName, makers } from './contestants.ts';
import { Network } from './network.ts';
import type { SeriesName } from './recorder.ts';
import { type ScenarioName, scenario } from './scenarios.ts';
import { SurgegateEdge } from './surgegate-edge.ts';

export interface TraceJob {
  readonly scenario: ScenarioName;
  readonly point: number;
  readonly contestant: ContestantName;
  readonly seed: number;
  readonly everySeconds: number;
}

export function trace(
  { scenario: name, point, contestant, seed, everySeconds }: TraceJob,
  print: (line: string) => void,
): void {
  const { label, network } = scenario(name).points[point]!;
  let edge: unknown;
  const run = new Network(
    network,
    (input) => {
      edge = makers[contestant](input);
      return edge as SurgegateEdge;
    },
    seed,
  );
  print(`\n${name} ${label} ${contestant}`);
  for (let second = everySeconds; second <= network.seconds; second += everySeconds) {
    run.queue.runUntil(second * 1000 - 1e-6);
    const sum = (series: SeriesName): number => run.recorder.perSecond(series)[second - 1]!;
    const counts = `offered ${sum('offered')} sent ${sum('forwarded')} good ${sum('goodput')} refused ${sum('refused')}`;
    const backlog = run.switches.map((one) => one.backlogMs.toFixed(0)).join(' ');
    print(`${second} s  ${counts} backlog ${backlog} ms  ${edge instanceof SurgegateEdge ? decided(edge) : ''}`);
  }
}

function decided({ throttle }: SurgegateEdge): string {
  if (throttle === undefined) return '';
  const limit = (value: number): string => (Number.isFinite(value) ? value.toFixed(0) : '-');
  const switches = throttle.switches.map((one) => `${limit(one.callsPerSecond)}/s ${limit(one.outstanding)} open`);
  const shares = throttle.interfaces.map((one) => `${one.name} ${limit(one.newCallsPerSecond)}`);
  const why = throttle.indicators.map((one) => `${one.name} ${one.proposes}`);
  const { intervalMs, batch } = throttle.interfaces[0]!.scan;
  return `${throttle.mode} [${why.join(', ')}] switches ${switches.join(', ')} shares ${shares.join(', ')} scan ${intervalMs} ms × ${batch} gaps ${throttle.gaps.length}`;
}
