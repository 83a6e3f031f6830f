// Whether control groups can be made on this machine.
import { createCgroupAdapter } from '../../src/orchestrator/adapters/cgroup.ts';

/** Why groups cannot be made here; undefined: they can. Says so on standard error. */
export async function whyNoGroups(): Promise<string | undefined> {
  const why = await tryOne();
  if (why !== undefined)
    process.stderr.write(`\n*** control groups cannot be made here (${why}): their tests are SKIPPED\n\n`);
  return why;
}

async function tryOne(): Promise<string | undefined> {
  try {
    const adapter = createCgroupAdapter({ kind: 'cgroup', path: `surgegate-try-${process.pid}`, create: true });
    await adapter.read();
    await adapter.close();
    return adapter.canLimit.includes('cpuCores') ? undefined : 'no group here limits processors';
  } catch (error) {
    return (error as Error).message;
  }
}
