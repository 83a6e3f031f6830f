// A switch of real limited capacity as a peer: our test switch in a process of its own, and what it has done at what time.
import { fileURLToPath } from 'node:url';
import type { SwitchOrder } from '../../src/lab/switch-process.ts';
import type { SwitchTick } from '../../src/lab/ticks.ts';
import type { Child } from './child.ts';
import type { Lab } from './lab-test.ts';
import { waitFor } from './wait.ts';

export interface LimitedSwitch {
  readonly child: Child;
  /** `host:port`. */
  readonly address: string;
  /** Ten a second since it was started. */
  ticks(): readonly SwitchTick[];
  /** The last of them; waits for the first. */
  now(): Promise<SwitchTick>;
}

const file = fileURLToPath(new URL('../../src/lab/switch-process.ts', import.meta.url));

export async function startLimitedSwitch(lab: Lab, order: SwitchOrder): Promise<LimitedSwitch> {
  const name = lab.uniqueName('limited-switch');
  const tsx = ['--no-warnings', '--import', import.meta.resolve('tsx')];
  const child = lab.start(name, process.execPath, [...tsx, file, JSON.stringify(order)]);
  const address = await waitFor(`${name} to start`, () => {
    if (!child.running()) throw new Error(child.log());
    return /"address":"([^"]+)"/.exec(child.log())?.[1];
  });
  const ticks = (): SwitchTick[] =>
    child
      .log()
      .split('\n')
      .filter((line) => /^\{"atMs.*\}$/.test(line))
      .map((line) => JSON.parse(line) as SwitchTick);
  return { child, address, ticks, now: () => waitFor(`${name} to count`, () => ticks().at(-1)) };
}
