// A switch dies and comes back; another one carries the calls meanwhile.
import { expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { startKamailio } from '../peers/kamailio.ts';
import { labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { edgeOfTwo, overloadedSwitchIsPassedOver, refusesWithoutSwitch, untilUp } from './engine-cases.ts';

concurrentPeerSuite('switch death', () => {
  labTest('new calls complete on the other switch, and on the first again when it returns', async ({ lab }) => {
    const first = await startSipp(lab, 'uas-call');
    const second = await startSipp(lab, 'uas-call');
    const edge = await edgeOfTwo(lab, 'embedded', first.address, second.address);
    const call = { to: edge.address.south, calls: 30, callsPerSecond: 30, talkMs: 100, limitSeconds: 30 };
    expect(await (await startSipp(lab, 'uac-call', call)).result()).toMatchObject({ exitCode: 0, successful: 30 });
    const counted = async (name: string): Promise<number> =>
      (await edge.metrics()).sum('surgegate_switch_requests_total', { switch: name });
    expect(await counted('first')).toBeGreaterThan(0);
    expect(await counted('second')).toBeGreaterThan(0);

    // Calls that are talking on the second switch must not notice.
    const talking = await startSipp(lab, 'uac-call', { ...call, calls: 20, callsPerSecond: 100, talkMs: 3_000 });
    await waitFor('calls to be talking', () => talking.statistics()?.created === 20 || undefined);
    first.child.kill('SIGKILL');
    await first.child.exited;
    // Not yet known to be down: these are passed on when the first does not answer.
    expect(await (await startSipp(lab, 'uac-call', call)).result()).toMatchObject({ exitCode: 0, successful: 30 });
    expect((await edge.metrics()).sum('surgegate_failovers_total')).toBeGreaterThan(0);
    await untilUp(edge, 'first', 0);
    const whileDown = await counted('first');
    expect(await (await startSipp(lab, 'uac-call', call)).result()).toMatchObject({ exitCode: 0, successful: 30 });
    expect(await counted('first')).toBe(whileDown);
    // Those that talked on the second hang up in order; those on the first have nobody to hang up with.
    await waitFor('calls on the second switch to end', () => (talking.statistics()?.successful ?? 0) > 0);
    talking.child.kill('SIGKILL');

    const returned = await startSipp(lab, 'uas-call', { port: first.port });
    await untilUp(edge, 'first', 1);
    expect(await (await startSipp(lab, 'uac-call', call)).result()).toMatchObject({ exitCode: 0, successful: 30 });
    expect((await returned.stop()).calls).toBeGreaterThan(0);
    expect(await second.stop()).toMatchObject({ exitCode: 0, failed: 0 });
    await expectBalanced(edge);
  });

  labTest('a switch that refuses with 503 is passed over, and the caller hears nothing of it', ({ lab }) =>
    overloadedSwitchIsPassedOver(lab, 'embedded'),
  );

  labTest('of two Kamailios one is killed while calls are set up', async ({ lab }) => {
    const called = await startSipp(lab, 'uas-slow', { talkMs: 300 });
    const first = await startKamailio(lab, 'switch', { TARGET: called.address });
    const second = await startKamailio(lab, 'switch', { TARGET: called.address });
    const edge = await edgeOfTwo(lab, 'embedded', first.address, second.address);
    const call = { to: edge.address.south, limitSeconds: 40, talkMs: 100 };
    const during = await startSipp(lab, 'uac-call', { ...call, calls: 80, callsPerSecond: 20 });
    await waitFor('half of the calls', () => ((during.statistics()?.created ?? 0) >= 20 ? true : undefined));
    first.child.kill('SIGKILL');
    await first.child.exited;
    // Ringing calls of the dead switch may be lost; calls begun after its death may not.
    const after = await startSipp(lab, 'uac-call', { ...call, calls: 20, callsPerSecond: 20 });
    expect(await after.result()).toMatchObject({ exitCode: 0, successful: 20 });
    during.child.kill('SIGKILL');
    await expectBalanced(edge);
  });

  labTest('no switch at all: refused at once, and answered truthfully', ({ lab }) =>
    refusesWithoutSwitch(lab, 'embedded'),
  );
});
