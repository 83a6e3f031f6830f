import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { compareConfigs, reloadRefusal } from '../../src/config/reload.ts';
import type { Config } from '../../src/config/schema.ts';

const file = new URL('../../config/test.yaml', import.meta.url).pathname;

function configOf(text: string): Config {
  return (parseConfig(text, file, { HOME: '/home/a' }) as { config: Config }).config;
}

const base = 'interfaces: { south: {} }\n';

describe('a change that is applied at once', () => {
  it.each([
    [
      'a limit',
      `${base}admission: { newCallsPerSecond: 50 }`,
      ['admission.newCallsPerSecond', 'admission.priorityCapPerSecond'],
    ],
    [
      'a limit of an interface',
      'interfaces: { south: { admission: { newCallsPerSecond: 5 } } }',
      ['interfaces.south.admission.newCallsPerSecond'],
    ],
    [
      'trust',
      'interfaces: { south: { trust: { resourcePriority: true } } }',
      ['interfaces.south.trust.resourcePriority'],
    ],
    [
      'pushback',
      'interfaces: { south: { pushback: drop, retryAfter: { maxSeconds: 60 } } }',
      ['interfaces.south.pushback', 'interfaces.south.retryAfter.maxSeconds'],
    ],
    [
      'neighbours',
      'interfaces: { south: { neighbours: [ { name: a, addresses: [10.0.0.1] } ] } }',
      ['interfaces.south.neighbours'],
    ],
    [
      'web pages that may connect',
      'interfaces: { south: { webSocket: { origins: ["https://example.net"] } } }',
      ['interfaces.south.webSocket.origins'],
    ],
    ['networks', 'interfaces: { south: { networks: [10.0.0.0/8] } }', ['interfaces.south.networks']],
    [
      'switches',
      `${base}switches: [ { name: demo, embedded: true }, { name: a, address: "udp:127.0.0.1:5090" } ]`,
      ['switches'],
    ],
    ['penalty', `${base}penalty: { enabled: false }`, ['penalty.enabled']],
    ['timers', `${base}timers: { t1Ms: 250 }`, ['timers.t1Ms']],
    ['health', `${base}health: { intervalSeconds: 1 }`, ['health.intervalSeconds']],
    [
      'drain and log',
      `${base}drain: { timeoutSeconds: 5 }\nlog: { level: debug }`,
      ['drain.timeoutSeconds', 'log.level'],
    ],
  ])('%s', (_what, text, changed) => {
    const change = compareConfigs(configOf(base), configOf(text));
    expect(change).toEqual({ changed, needRestart: [] });
    expect(reloadRefusal(change)).toBeUndefined();
  });

  it('nothing', () => {
    expect(compareConfigs(configOf(base), configOf(base))).toEqual({ changed: [], needRestart: [] });
  });
});

describe('a change that needs a restart', () => {
  it.each([
    ['a listener', 'interfaces: { south: { listen: ["udp:127.0.0.1:5061"] } }', ['interfaces.south.listen']],
    ['a new interface', 'interfaces: { south: {}, east: {} }', ['interfaces.east']],
    ['what is advertised', 'interfaces: { south: { advertise: "203.0.113.5" } }', ['interfaces.south.advertise']],
    [
      'a listener of core',
      `interfaces: { south: {}, core: { listen: ["udp:127.0.0.1:5051"] } }`,
      ['interfaces.core.listen'],
    ],
    [
      'how often a WebSocket is pinged',
      'interfaces: { south: { webSocket: { pingSeconds: 20 } } }',
      ['interfaces.south.webSocket.pingSeconds'],
    ],
    ['limits of sockets and tables', `${base}limits: { headers: 100 }`, ['limits.headers']],
    ['the console', `${base}admin: { console: false }`, ['admin.console']],
    ['the admin listener', `${base}admin: { listen: "127.0.0.1:9465" }`, ['admin.listen.port']],
    ['the state directory', `${base}state: { directory: /var/lib/other }`, ['state.directory']],
    ['how UDP is read', `${base}udp: plain`, ['udp']],
    ['the embedded switch', `${base}switches: [ { name: a, address: "udp:127.0.0.1:5090" } ]`, ['switches (embedded)']],
  ])('%s', (_what, text, needRestart) => {
    const change = compareConfigs(configOf(base), configOf(text));
    expect(change.needRestart).toEqual(needRestart);
    expect(reloadRefusal(change)).toBe(`only a restart can change ${needRestart[0]}`);
  });
});
