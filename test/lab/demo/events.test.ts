// What the lines of each process mean.
import { describe, expect, it } from 'vitest';
import { applicationEvent, edgeEvent, orchestratorEvent, transitionEvent } from '../../../src/lab/demo/events.ts';

const time = '2026-01-02T03:04:05.600Z';
const atMs = Date.parse(time);
const line = (content: object): string => JSON.stringify({ level: 'info', time, pid: 1, ...content });

describe('events of the demo', () => {
  it('a change of the host', () => {
    const causes = ['arrivals of surgegate 300 %', 'arrivals of surgegate 500 %'];
    const text = 'L0 → L2: arrivals of surgegate 300 %, arrivals of surgegate 500 %';
    expect(transitionEvent({ at: time, from: 'L0', to: 'L2', causes })).toEqual({
      atMs,
      who: 'host',
      what: 'mode',
      text,
    });
    expect(transitionEvent({ at: time, from: 'L1', to: 'L0', causes: [] }).text).toBe('L1 → L0: nothing asks for more');
  });

  it.each([
    ['application asked', 'to use no more than cpuCores 0.2 cores, memoryBytes 6.4 GB, diskBytes 12 GB', 'asked'],
    ['application complied', 'uses no more than cpuCores 0.2 cores, networkBytesPerSecond 1 MB/s', 'complied'],
    ['application forced', 'cpuCores to 0.1 cores: used 0.4 cores after it was asked', 'forced'],
    ['application suspended', 'dumped: not essential', 'suspended'],
    ['application resumed', 'runs again', 'resumed'],
    ['application lifted', 'free of limits on cpuCores', 'lifted'],
  ])('%s', (msg, detail, what) => {
    const event = orchestratorEvent(line({ msg, application: 'web', detail }));
    expect(event).toMatchObject({ atMs, who: 'web', what });
    expect(event?.text).not.toMatch(/memory|disk|network|^dumped/);
    expect(event?.text).toContain(detail.replace('dumped: ', '').split(',')[0]);
  });

  it.each([
    [{ limits: { cpuCores: 0.12 }, isSuspended: false }, 'control group: 0.12 cores'],
    [{ limits: {}, isSuspended: false }, 'control group: free'],
    [{ limits: {}, isSuspended: true }, 'control group: frozen'],
  ])('what an adapter has set: %o', (set, text) => {
    const event = orchestratorEvent(line({ msg: 'limits set', application: 'shop', adapter: 'cgroup', ...set }));
    expect(event).toEqual({ atMs, who: 'shop', what: 'limits', text });
  });

  it('what an adapter could not set', () => {
    const said = { msg: 'limits cannot be set', application: 'shop', reason: 'permission denied' };
    expect(orchestratorEvent(line(said))?.text).toBe('cannot be set: permission denied');
  });

  it('the mode of the edge, with each indicator once', () => {
    const indicators = [
      { name: 'arrivals', proposes: 'L3' },
      { name: 'switch-capacity', proposes: 'L2' },
      { name: 'arrivals', proposes: 'L1' },
      { name: 'memory', proposes: 'L0' },
    ];
    const event = edgeEvent(line({ msg: 'running mode changed', from: 'L0', to: 'L3', indicators }));
    expect(event).toEqual({ atMs, who: 'surgegate', what: 'mode', text: 'L0 → L3: arrivals, switch-capacity' });
    expect(edgeEvent(line({ msg: 'running mode changed', from: 'L1', to: 'L0', indicators: [] }))?.text).toBe(
      'L1 → L0',
    );
  });

  it.each([
    [{ event: 'limit', cores: 0.1666 }, 'keeps to 0.17 cores'],
    [{ event: 'limit', cores: null }, 'keeps to nothing any more'],
    [{ event: 'paused' }, 'pauses'],
    [{ event: 'resumed' }, 'goes on'],
  ])('an application by itself: %o', (said, text) => {
    const event = applicationEvent('web', JSON.stringify({ at: time, ...said }));
    expect(event).toEqual({ atMs, who: 'web', what: 'self', text });
  });

  it('nothing in lines of anything else', () => {
    for (const text of ['', 'Surgegate 0.1.0', '{broken', line({ msg: 'listening' }), line({ application: 'web' })]) {
      expect(orchestratorEvent(text), text).toBeUndefined();
      expect(edgeEvent(text), text).toBeUndefined();
      expect(applicationEvent('web', text), text).toBeUndefined();
    }
    expect(orchestratorEvent(line({ msg: 'application is silent', application: 'web' }))).toBeUndefined();
  });
});
