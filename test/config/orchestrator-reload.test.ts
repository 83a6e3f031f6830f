import { describe, expect, it } from 'vitest';
import { parseOrchestratorConfig } from '../../src/config/orchestrator-load.ts';
import { compareOrchestratorConfigs } from '../../src/config/orchestrator-reload.ts';
import type { OrchestratorConfig } from '../../src/config/orchestrator-schema.ts';
import { reloadRefusal } from '../../src/config/reload.ts';

const configOf = (text: string) =>
  (
    parseOrchestratorConfig(text, '/etc/surgegate/orchestrator.yaml', { HOME: '/home/a' }) as {
      config: OrchestratorConfig;
    }
  ).config;

const base = 'applications: [ { name: web } ]\n';

describe('a change that is applied at once', () => {
  it.each([
    ['nothing', base, []],
    ['the reserve and the split', `${base}reserveRatio: 0.3\nsplit: proportional`, ['reserveRatio', 'split']],
    ['minima', `${base}minimumRatio: { L3: 0.4 }`, ['minimumRatio.L3']],
    ['a deadline', `${base}shedding: { deadlineSeconds: 20 }`, ['shedding.deadlineSeconds']],
    ['thresholds', `${base}thresholds: []`, ['thresholds']],
    ['the log', `${base}log: { level: debug }`, ['log.level']],
    ['what is known of an application', 'applications: [ { name: web, priority: 7 } ]', ['applications']],
  ])('%s', (_what, text, changed) => {
    const change = compareOrchestratorConfigs(configOf(base), configOf(text));
    expect(change).toEqual({ changed, needRestart: [] });
    expect(reloadRefusal(change)).toBeUndefined();
  });
});

describe('a change that needs a restart', () => {
  const parties = 'applications (their names, tokens, certificates, callbacks or adapters)';
  it.each([
    ['the name', `${base}name: other`, ['name']],
    ['the listener', `${base}listen: "127.0.0.1:9466"`, ['listen.port']],
    ['the interval', `${base}intervalMs: 500`, ['intervalMs']],
    ['what the host has', `${base}host: { maximum: { cpuCores: 2 } }`, ['host.maximum.cpuCores']],
    ['limits of callers', `${base}limits: { requestsPerSecond: 60 }`, ['limits.requestsPerSecond']],
    ['peers', `${base}peers: [ { name: east } ]`, ['peers']],
    ['operators', `${base}operators: [ { name: noc } ]`, ['operators']],
    ['the state directory', `${base}state: { directory: /var/lib/other }`, ['state.directory']],
    ['one application more', 'applications: [ { name: web }, { name: batch } ]', [parties]],
    ['an adapter', 'applications: [ { name: web, adapter: { kind: cgroup, path: a } } ]', [parties]],
    ['a token', 'applications: [ { name: web, token: secret-0123456789 } ]', [parties]],
  ])('%s', (_what, text, needRestart) => {
    const change = compareOrchestratorConfigs(configOf(base), configOf(text));
    expect(change.needRestart).toEqual(needRestart);
    expect(reloadRefusal(change)).toBe(`only a restart can change ${needRestart[0]}`);
  });
});
