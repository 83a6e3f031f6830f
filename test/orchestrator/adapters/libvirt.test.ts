// The adapter for virtual machines on a model of one: with and without quotas, with and without a talkative guest, a fault at every
// order. The real virsh: test/e2e/adapters.test.ts.
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Limits } from '../../../src/orchestrator/adapters/adapter.ts';
import { createLibvirtAdapter } from '../../../src/orchestrator/adapters/libvirt.ts';
import type { VirshSession } from '../../../src/orchestrator/adapters/virsh-session.ts';
import { createFakeVirsh } from './fake-virsh.ts';

const mib = 2 ** 20;
const none: Limits = { limits: {}, isSuspended: false };

interface Model {
  vcpus: number;
  /** undefined: a hypervisor without quotas. */
  quota: number | undefined;
  memoryKib: number;
  /** KiB; undefined: a guest that does not tell. */
  usable: number | undefined;
  state: string;
  cpuNs: number;
  bytes: number;
}

/** A machine of 4 processors and 4 GiB. */
function setUp(changes: Partial<Model> = {}) {
  const model: Model = {
    ...{ vcpus: 4, quota: -1, memoryKib: 4 * 2 ** 20, usable: 3 * 2 ** 20, state: '1 1', cpuNs: 0, bytes: 0 },
    ...changes,
  };
  const orders: string[] = [];
  const clock = { ms: 0 };
  let fault: (index: number) => boolean = () => false;
  const answers: Record<string, (words: readonly string[]) => string> = {
    domstats: () => {
      const [state, reason] = model.state.split(' ');
      const usable = model.usable === undefined ? '' : `  balloon.usable=${model.usable}\n`;
      return `Domain: 'web'\n  state.state=${state}\n  state.reason=${reason}\n  cpu.time=${model.cpuNs}\n  balloon.current=${model.memoryKib}\n${usable}  block.0.rd.bytes=${model.bytes}\n  block.0.wr.bytes=0\n  net.0.rx.bytes=${model.bytes}\n  net.0.tx.bytes=${model.bytes}\n`;
    },
    dumpxml: () => "<currentMemory unit='KiB'>4194304</currentMemory>\n<vcpu placement='static'>4</vcpu>\n",
    vcpucount: () => `${model.vcpus}\n`,
    schedinfo: () => {
      if (model.quota === undefined) return 'Scheduler      : fair\n';
      return `vcpu_period    : 100000\nvcpu_quota     : ${model.quota}\n`;
    },
  };
  const changesOf: Record<string, (words: readonly string[]) => void> = {
    schedinfo: (words) => (model.quota = Number(words.at(-1)!.split('=')[1])),
    setvcpus: (words) => (model.vcpus = Number(words[2])),
    setmem: (words) => (model.memoryKib = Number(words[2])),
    suspend: () => (model.state = '3 1'),
    resume: () => (model.state = '1 1'),
  };
  const virsh: VirshSession = {
    async run(words) {
      const [name = ''] = words;
      const isOrder = !(name in answers) || words.includes('--set');
      if (!isOrder) return answers[name]!(words);
      const isFailing = fault(orders.length);
      orders.push(words.join(' '));
      if (isFailing) throw new Error(`virsh ${name}: no`);
      changesOf[name]!(words);
      return '';
    },
    starts: () => 1,
    close: () => Promise.resolve(),
  };
  const config = { kind: 'libvirt', domain: 'web', uri: 'qemu:///system' } as const;
  const adapter = createLibvirtAdapter(config, { virsh, nowMs: () => clock.ms });
  const failAt = (match: (index: number) => boolean): void => {
    orders.length = 0;
    fault = match;
  };
  return { model, orders, clock, adapter, failAt };
}

describe('a machine with quotas', () => {
  it('is limited by its quota, by its balloon, and put back', async () => {
    const { model, orders, adapter } = setUp();
    expect(await adapter.read()).toMatchObject({ ...none, maximum: { cpuCores: 4, memoryBytes: 4096 * mib } });
    const wanted = { limits: { cpuCores: 1.5, memoryBytes: 2048 * mib }, isSuspended: true };
    await adapter.apply(wanted);
    expect(orders).toEqual(['schedinfo --live web --set vcpu_quota=37500', 'setmem web 2097152 --live', 'suspend web']);
    expect(await adapter.read()).toMatchObject(wanted);
    orders.length = 0;
    await adapter.apply(none);
    expect(orders).toEqual(['resume web', 'schedinfo --live web --set vcpu_quota=-1', 'setmem web 4194304 --live']);
    expect(model).toMatchObject({ quota: -1, memoryKib: 4_194_304, state: '1 1', vcpus: 4 });
    orders.length = 0;
    await adapter.apply(none);
    expect(orders).toEqual([]);
  });

  it('sees what it has used since it was read last', async () => {
    const { model, clock, adapter } = setUp();
    expect((await adapter.read()).used).toEqual({ memoryBytes: 1024 * mib });
    Object.assign(model, { cpuNs: 3e9, bytes: 4000 });
    clock.ms = 2000;
    expect((await adapter.read()).used).toEqual({
      cpuCores: 1.5,
      memoryBytes: 1024 * mib,
      diskBytesPerSecond: 2000,
      networkBytesPerSecond: 4000,
    });
  });

  it('nothing is left half-applied, whichever order fails', async () => {
    const wanted = { limits: { cpuCores: 1, memoryBytes: 2048 * mib }, isSuspended: true };
    for (let failing = 0; failing < 3; failing++) {
      const { model, adapter, failAt } = setUp();
      const before = { ...model };
      failAt((index) => index === failing);
      await expect(adapter.apply(wanted)).rejects.toThrow(/: no$/);
      expect(model).toEqual(before);
    }
  });
});

describe('a machine without quotas', () => {
  it('is limited to whole processors, one at least, and not above its size', async () => {
    const { model, adapter } = setUp({ quota: undefined });
    for (const [cpuCores, vcpus] of [
      [2.9, 2],
      [0.2, 1],
      [9, 4],
    ] as const) {
      await adapter.apply({ limits: { cpuCores }, isSuspended: false });
      expect(model.vcpus).toBe(vcpus);
    }
    expect((await adapter.read()).limits).toEqual({});
  });
});

describe('memory', () => {
  it('a guest keeps what it needs, and a little more', async () => {
    const { adapter } = setUp({ usable: 2 * 2 ** 20 });
    await adapter.apply({ limits: { memoryBytes: 100 * mib }, isSuspended: false });
    expect((await adapter.read()).limits.memoryBytes).toBe(2048 * 1.0625 * mib);
  });

  it('from a guest that does not tell what it needs nothing is taken, but it may get back', async () => {
    const { model, adapter } = setUp({ usable: undefined });
    await adapter.apply({ limits: { memoryBytes: 100 * mib }, isSuspended: false });
    expect(model.memoryKib).toBe(4_194_304);
    model.memoryKib = 2 ** 20;
    await adapter.apply(none);
    expect(model.memoryKib).toBe(4_194_304);
  });
});

describe('a machine that', () => {
  it.each([
    ['5 1', 'shut off'],
    ['6 1', 'crashed'],
    ['7 1', 'asleep'],
  ])('is in state %s is said to be %s', async (state, word) => {
    await expect(setUp({ state }).adapter.read()).rejects.toThrow(`the virtual machine web is ${word}`);
  });

  it('is paused for another reason, a migration, is not taken for suspended by us, and not resumed', async () => {
    const { adapter, orders } = setUp({ state: '3 2' });
    expect((await adapter.read()).isSuspended).toBe(false);
    await adapter.apply(none);
    expect(orders).toEqual([]);
  });
});

describe('a virsh that', () => {
  const open = (commands: string, timeoutMs = 5000) => {
    const program = createFakeVirsh(commands);
    const adapter = createLibvirtAdapter(
      { kind: 'libvirt', domain: 'web', uri: 'test:///default' },
      { program, timeoutMs },
    );
    onTestFinished(() => adapter.close());
    return adapter;
  };

  it.each([
    ['hangs', 'domstats) sleep 100;;', 'virsh domstats: no answer within 200 ms'],
    ['answers something else', `domstats) echo 'what?';;`, 'no state in its answer'],
    ['has lost the machine', `domstats) echo "error: failed to get domain 'web'" >&2;;`, "failed to get domain 'web'"],
    ['ends', 'domstats) exit 1;;', 'virsh domstats: ended (exit 1)'],
    ['does not know the size', `domstats) echo 'state.state=1';; dumpxml) echo x;; vcpucount) echo 1;;`, 'size of web'],
  ])('%s: neither read nor set, in one line', async (_what, commands, reason) => {
    const adapter = open(commands, 200);
    await expect(adapter.read()).rejects.toThrow(reason);
    await expect(adapter.apply({ limits: { cpuCores: 1 }, isSuspended: true })).rejects.toThrow(reason);
  });
});

describe('start', () => {
  it.each(['', '-x', 'a b', 'a;b', "a'", 'x'.repeat(200), 'a/b'])('%j is no name of a machine', (domain) => {
    expect(() => createLibvirtAdapter({ kind: 'libvirt', domain, uri: 'qemu:///system' })).toThrow('is no name');
  });

  it.each(['', 'qemu', '-c x', 'qemu:///a b', "qemu:///'"])('%j is no URI', (uri) => {
    expect(() => createLibvirtAdapter({ kind: 'libvirt', domain: 'a', uri })).toThrow('is no URI');
  });
});
