import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { embeddedConfig } from '../../src/start/embedded-orchestrator.ts';
import { usableOf } from '../../src/start/orchestrator-links.ts';
import { temporaryFolder } from '../config/files.ts';
import { loopView, sampleOf, switchSample } from '../metrics/loop.ts';

describe('the configuration of an embedded orchestrator', () => {
  const token = 'a-token-of-sixteen+';

  it('has the edge as its one application, and its operators', () => {
    const folder = temporaryFolder();
    const text = JSON.stringify({
      orchestrator: { embedded: true, listen: '[::1]:0', priority: 7 },
      admin: { token: 'the-token-of-admin', operators: [{ name: 'ann', token: 'the-token-of-ann-1' }] },
      state: { directory: folder },
    });
    const loaded = parseConfig(text, join(folder, 'edge.yaml'), {});
    if ('faults' in loaded || loaded.config.orchestrator.kind !== 'embedded') throw new Error('no such configuration');
    const { config } = loaded;
    expect(embeddedConfig(loaded.config.orchestrator, config, token)).toMatchObject({
      name: 'embedded',
      listen: { host: '::1', port: 0 },
      applications: [{ name: 'surgegate', token, priority: 7, adapter: { kind: 'advise' } }],
      operators: [
        { name: 'token', token: 'the-token-of-admin' },
        { name: 'ann', token: 'the-token-of-ann-1' },
      ],
      state: { directory: join(folder, 'orchestrator') },
    });
  });
});

describe('what the switches can take', () => {
  const free = Number.POSITIVE_INFINITY;
  const usable = (switches: ReturnType<typeof switchSample>[], newCallsPerSecond = free) =>
    usableOf({ ...loopView(), sample: sampleOf({ switches }) }, newCallsPerSecond);

  it('is the sum of those in service, and no more than the operator allows', () => {
    expect(usable([switchSample('sw1')])).toBe(140);
    expect(usable([switchSample('sw1')], 90)).toBe(90);
    expect(usable([switchSample('sw1'), switchSample('sw2', { weight: 0 })])).toBe(140);
    expect(usable([switchSample('sw1'), switchSample('sw2', { isUp: false })])).toBe(140);
  });
  it('is not known where it is not of one of them, or none is there', () => {
    expect(usable([switchSample('sw1'), switchSample('sw2')])).toBe(free);
    expect(usable([switchSample('sw1', { isUp: false })])).toBe(free);
  });
});
