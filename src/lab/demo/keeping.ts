// The demo's side of its keeper (keeper.ts): one answer after the other.
import type { KeeperAnswer, KeeperOrder } from './keeper.ts';
import { type Program, startProgram } from './processes.ts';

export interface Keeper {
  /** A folder that is to be removed at the end. */
  folder(path: string): void;
  /** A process that is not to outlive the demo. */
  process(program: Program): void;
  /** Makes a control group, with a limit of its own in cores. Resolves to why it cannot be; undefined: it is there. */
  group(path: string, cores?: number): Promise<string | undefined>;
  enter(path: string, pid: number): Promise<string | undefined>;
  /** Ends and removes what is left. */
  end(): Promise<void>;
}

export function startKeeper(): Keeper {
  const waiting: ((reason: string | undefined) => void)[] = [];
  const program = startProgram({
    name: 'keeper',
    file: './keeper',
    onLine: (line) => waiting.shift()?.((JSON.parse(line) as KeeperAnswer).reason),
  });
  void program.ended.then(() => {
    for (const resolve of waiting.splice(0)) resolve(`the keeper ended: ${program.output()}`);
  });
  const tell = (order: KeeperOrder): void => program.write(JSON.stringify(order));
  const ask = (order: KeeperOrder): Promise<string | undefined> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      tell(order);
    });
  return {
    folder: (path) => tell({ order: 'folder', path }),
    process(one) {
      tell({ order: 'process', pid: one.pid });
      void one.ended.then(() => tell({ order: 'ended', pid: one.pid }));
    },
    group: (path, cores) => ask({ order: 'group', path, cores }),
    enter: (path, pid) => ask({ order: 'enter', path, pid }),
    async end() {
      program.closeInput();
      await program.ended;
    },
  };
}
