// The demo as a person runs it, shortened: a mass-call event on a shared host; and nothing of it is left behind, however it ends.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect } from 'vitest';
import type { DemoEvent } from '../../src/lab/demo/events.ts';
import type { DemoSummary } from '../../src/lab/demo/summary.ts';
import type { Second } from '../../src/lab/demo/timeline.ts';
import type { Child } from '../peers/child.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { waitFor } from '../peers/wait.ts';

const program = fileURLToPath(new URL('../../dist/lab/demo/demo.js', import.meta.url));
const seconds = 30;
/** Start, the demo itself, the longest recovery that it waits for, and its end. */
const timeoutMs = 150_000;
/** On a machine that is busy with something else an application may not get the processor time that it is to be limited in. */
const onceMore = { timeout: timeoutMs, retry: 1 };

/** Its folder is made in that of the test. */
const startDemo = (lab: Lab, ...more: string[]): Child =>
  lab.start('demo', process.execPath, [program, '--seconds', String(seconds), ...more], { TMPDIR: lab.dir });

interface Status {
  readonly parent: number;
  readonly isGone: boolean;
}

function statusOf(pid: number): Status | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(parent), isGone: state === 'Z' || state === 'X' };
  } catch {
    return undefined;
  }
}

const childrenOf = (parent: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statusOf(pid)?.parent === parent);

const isRunning = (pid: number): boolean => statusOf(pid)?.isGone === false;
const foldersOf = (lab: Lab): string[] => readdirSync(lab.dir).filter((name) => name.startsWith('surgegate-demo-'));

function groupsOf(pid: number): string[] {
  const root = '/sys/fs/cgroup';
  if (!existsSync(root)) return [];
  const places = [
    '',
    ...readdirSync(root, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? one.name : [])),
  ];
  return places.flatMap((place) => {
    const own = (name: string): boolean => name.startsWith(`surgegate-demo-${pid}-`);
    return readdirSync(`${root}/${place}`).filter(own);
  });
}

describe('demo', () => {
  labTest('every GETS call completes, and everything is as it was before', onceMore, async ({ lab }) => {
    const demo = startDemo(lab, '--json');
    const { code } = await demo.exited;
    const said = demo.log();
    expect(code, said).toBe(0);
    const summary = JSON.parse(said) as DemoSummary & { seconds: Second[]; events: DemoEvent[] };
    const { phases, applications, modes, verdicts, events } = summary;

    expect(phases.map(({ phase }) => phase)).toEqual(['calm', 'surge', 'after']);
    for (const { phase, offered, completed } of phases) expect(completed, phase).toBe(offered);
    const [calm, surge] = phases;
    expect(surge!.offered).toBeGreaterThan(10 * calm!.offered);
    expect(surge!.offeredPerSecond).toBeGreaterThan(10 * calm!.offeredPerSecond);
    expect(surge!.goodputPerSecond).toBeGreaterThan(0);

    expect(modes).toContain('L3');
    expect(modes.slice(-3)).toEqual(['L2', 'L1', 'L0']);
    expect(verdicts.filter(({ isNeeded, isGood }) => isNeeded && isGood !== true)).toEqual([]);
    for (const one of applications) {
      expect(one.asked, one.application).toBeDefined();
      expect(one.recovered, one.application).toBeGreaterThan(one.asked!);
    }
    expect(events.some(({ who, what }) => who === 'surgegate' && what === 'boundary')).toBe(true);

    const canForce = verdicts.every(({ isGood }) => isGood !== undefined);
    if (canForce) {
      const [, web, shop, batch] = applications;
      expect(batch!.dumped).toBeGreaterThan(batch!.asked!);
      expect(batch!.recovered).toBeGreaterThan(batch!.dumped!);
      // the one that does not shed by itself; the other may be late on a busy machine
      expect(shop!.forced).toBeGreaterThan(shop!.asked!);
      expect(shop!.recovered).toBeGreaterThan(shop!.forced!);
      expect(web!.complied ?? web!.forced).toBeGreaterThan(web!.asked!);
    }
    expect(foldersOf(lab)).toEqual([]);
    expect(groupsOf(demo.pid)).toEqual([]);
  });

  // They need no processor time that is to be measured.
  describe.concurrent('ended early', () => {
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      labTest(`nothing is left behind by ${signal}`, { timeout: timeoutMs }, async ({ lab }) => {
        const demo = startDemo(lab);
        await waitFor('the first second', () => /^ +1 s .*L0/m.test(demo.log()), 60_000);
        const children = childrenOf(demo.pid);
        // switch, orchestrator, edge, two web applications, batch job, visitors, callers, and who sees to it that they end
        expect(children).toHaveLength(9);
        expect(foldersOf(lab)).toHaveLength(1);
        demo.kill(signal);
        const { code } = await demo.exited;
        expect(code).toBe(signal === 'SIGINT' ? 130 : null);
        await waitFor('all processes to end', () => !children.some(isRunning), 30_000);
        expect(foldersOf(lab)).toEqual([]);
        expect(groupsOf(demo.pid)).toEqual([]);
      });
    }
  });
});
