// A surge on a drachtio-server: as surge.test.ts, within what such a server can refuse.
import { expect } from 'vitest';
import { countAt } from '../../src/lab/ticks.ts';
import { perSecond } from '../bench/surge-figures.ts';
import { expectBalanced } from '../peers/books.ts';
import { labTest } from '../peers/lab-test.ts';
import { peerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { once } from './engine-cases.ts';
import { engineFeatures } from './engine-features.ts';
import { capacityPerSecond, modesOf, setUpSurge, startSurge } from './surge-setting.ts';

const surgeSeconds = 6;

peerSuite('a surge on a drachtio-server', () => {
  // A machine that stalls for a second makes any edge refuse: then once more.
  labTest(engineFeatures.surge.name, { retry: 2 }, async ({ lab }) => {
    const { limited, edge } = await setUpSurge(lab, {}, {}, {}, 'drachtio');
    const to = edge.address.south;
    const half = { to, callsPerSecond: capacityPerSecond / 2, talkMs: 50, ...once('drachtio') };
    const usual = await startSurge(lab, { ...half, calls: capacityPerSecond });
    expect(await usual.result()).toMatchObject({ exitCode: 0, refused: 0 });

    const calls = 5 * capacityPerSecond * surgeSeconds;
    const began = Date.now();
    const flood = await startSurge(lab, {
      to,
      calls,
      callsPerSecond: 5 * capacityPerSecond,
      talkMs: 50,
      ...once('drachtio'),
    });
    const few = { calls: 5 * surgeSeconds, callsPerSecond: 5, talkMs: 50, keys: { rp: 'ets.0' }, ...once('drachtio') };
    const priority = await startSipp(lab, 'uac-priority', { to: edge.address.east, ...few });
    const ordinary = await flood.result();
    expect(ordinary).toMatchObject({ exitCode: 0, successful: calls, failed: 0 });
    expect(ordinary.calls + ordinary.refused).toBe(calls);
    expect(await priority.result()).toMatchObject({ exitCode: 0, successful: few.calls });

    const { mean } = perSecond(limited.ticks(), 'confirmed', began + 2500, began + surgeSeconds * 1000);
    expect(mean).toBeGreaterThan(0.8 * capacityPerSecond);
    expect(mean).toBeLessThan(1.1 * capacityPerSecond);
    const seen = await limited.now();
    expect(seen.retransmissions - countAt(limited.ticks(), 'retransmissions', began + 2500)).toBe(0);
    expect(seen.overloaded + seen.lost).toBe(0);
    expect(modesOf(edge).length).toBeGreaterThan(0);
    const metrics = await expectBalanced(edge);
    expect(metrics.sum('surgegate_requests_total', { class: 'priority', decision: 'reject' })).toBe(0);
  });
});
