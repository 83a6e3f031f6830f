// A mass-call event as operations see it: Prometheus raises the alert, Alertmanager brings it to whoever is on call, and takes it back.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { startCaller } from '../../src/lab/caller.ts';
import { labTest } from '../peers/lab-test.ts';
import { monitorSuite, startAlertmanager } from '../peers/prometheus.ts';
import { waitFor } from '../peers/wait.ts';
import { alertmanagerFile } from '../prometheus/rule-files.ts';
import { furtherChecks } from './observability-checks.ts';
import { record } from './observability-recording.ts';
import { adminOf, type Notice, normalPerSecond, scrapeMs, watchAnEdge } from './observability-setting.ts';
import { runRunbookCommands } from './runbook-commands.ts';
import { startSurge } from './surge-setting.ts';

const surgePerSecond = 400;
/** It ends when the alert has come. */
const longestSurgeSeconds = 60;

monitorSuite('Prometheus and Alertmanager', ['prometheus', 'prometheus-alertmanager'], () => {
  labTest(
    'a surge is an alert, its end resolves it, and no priority call is refused',
    { timeout: 180_000 },
    async ({ lab }) => {
      const { edge, orchestrator, prometheus, notices } = await watchAnEdge(lab);
      const from = Date.now() / 1000;
      const ordinary = startCaller({ target: `udp:${edge.address.south}`, rate: normalPerSecond, durationMs: 300_000 });
      const priority = startCaller({
        ...{ target: `udp:${edge.address.east}`, rate: 5, durationMs: 300_000 },
        ...{ resourcePriority: 'ets.0', firstSource: 2000 },
      });
      lab.onEnd(() => {
        ordinary.stop();
        priority.stop();
      });
      const value = async (expression: string): Promise<number | undefined> =>
        (await prometheus.query(expression))[0]?.value;
      const seen = (status: Notice['status'], alert: string): Notice | undefined =>
        notices.find((one) => one.status === status && one.labels.alertname === alert);

      // what is normal is no event
      const offered = 'interface:surgegate_new_calls_offered:rate1m{interface="south"}';
      await waitFor('calls to be seen', async () => ((await value(offered)) ?? 0) > normalPerSecond / 2, 20_000, 100);
      const calm = 4000 / scrapeMs;
      await waitFor(
        'some scrapes',
        async () => ((await value(`count_over_time(${offered}[1m])`)) ?? 0) >= calm,
        20_000,
        100,
      );
      expect(seen('firing', 'SurgegateMassCallEvent')).toBeUndefined();

      const surgeFrom = Date.now() / 1000;
      const calls = surgePerSecond * longestSurgeSeconds;
      const surge = await startSurge(lab, {
        to: edge.address.south,
        callsPerSecond: surgePerSecond,
        calls,
        open: 5000,
      });
      const told = await waitFor('the alert to arrive', () => seen('firing', 'SurgegateMassCallEvent'), 60_000);
      const alertAt = Date.now() / 1000;
      expect(told).toMatchObject({ receiver: 'on-call', labels: { severity: 'critical', interface: 'south' } });
      expect(told.annotations.description).toMatch(
        /^\d+ new calls a second, \d+\.\d times of what is normal at this hour \(2\d a second\); \d+ a second are admitted\.$/,
      );

      await surge.stop();
      await waitFor('the alert to be resolved', () => seen('resolved', 'SurgegateMassCallEvent'), 60_000);
      const to = Date.now() / 1000;

      // priority calls came all the time, and the alert about them was ready, and silent
      expect(await value('instance:surgegate_priority_refused:total')).toBe(0);
      expect(await value('count_over_time(ALERTS{alertname="SurgegatePriorityCallRefused"}[5m])')).toBeUndefined();
      expect(
        await value('sum(increase(surgegate_requests_total{class="priority",decision="forward"}[1m]))'),
      ).toBeGreaterThan(50);
      expect(notices.filter(({ labels }) => labels.alertname === 'SurgegatePriorityCallRefused')).toEqual([]);
      expect(priority.report().priority).toMatchObject({ lost: 0 });

      // what the runbooks say is looked with answers, and finds the surge
      const hosts = { admin: adminOf(edge), orchestrator: new URL(orchestrator.url).host };
      const looked = await runRunbookCommands(lab, hosts);
      expect(looked.map(({ command }) => command)).toContain('npx surgegate status');
      for (const { command, code, text } of looked) {
        // no call was refused for the anti-forgery cap, none came from east
        const mayBeEmpty = /^npx surgegate refusals --/.test(command);
        expect(code, `${command}: ${text}`).toBeOneOf(mayBeEmpty ? [0, 1] : [0]);
        expect(text, command).not.toBe('');
      }

      const run = { prometheus, edge, orchestrator, from, to, window: `${4 * scrapeMs}ms` };
      if (process.env.SURGEGATE_RECORD !== undefined) await record(run, { surgeFrom, alertAt }, scrapeMs);
      for (const check of furtherChecks) await check(run);
    },
  );

  labTest('Alertmanager holds back what follows from something else, of the same edge only', async ({ lab }) => {
    const alertmanager = await startAlertmanager(lab, readFileSync(alertmanagerFile, 'utf8'));
    const cases: readonly (readonly [source: string, target: string, severity?: string])[] = [
      ['SurgegateCrisisMode', 'SurgegateKernelDrops'],
      ['SurgegateHostCrisisMode', 'SurgegateAllocationForced'],
      ['SurgegateFocusedMassCallEvent', 'SurgegateMassCallEvent', 'critical'],
      ['SurgegateAllSwitchesDown', 'SurgegateSwitchDown'],
      ['SurgegateEdgeDown', 'SurgegateOrchestratorUnreachable'],
      ['SurgegateCertificateExpiring', 'SurgegateCertificateExpiring'],
      // these are told whatever else there is
      ['SurgegateCrisisMode', 'SurgegateMassCallEvent', 'critical'],
      ['SurgegateCrisisMode', 'SurgegatePriorityCallRefused', 'critical'],
      ['SurgegateCrisisMode', 'SurgegateSwitchDown'],
    ];
    const heldBack = 6;
    const labels = (alertname: string, severity: string, instance: string) => ({
      labels: { alertname, severity, instance, interface: 'south', job: 'surgegate' },
    });
    const alerts = cases.flatMap(([source, target, severity = 'warning'], i) => [
      labels(source, 'critical', `edge${i}`),
      labels(target, severity, `edge${i}`),
      labels(target, severity, `other${i}`),
    ]);
    const api = `${alertmanager.url}/api/v2/alerts`;
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(api, { method: 'POST', headers, body: JSON.stringify(alerts) })).status).toBe(200);
    interface Held {
      readonly labels: { readonly alertname: string; readonly instance: string };
      readonly status: { readonly state: string };
    }
    const held = await waitFor('the alerts to be processed', async () => {
      const all = (await (await fetch(api)).json()) as Held[];
      const suppressed = all.filter(({ status }) => status.state === 'suppressed');
      return all.length === alerts.length && suppressed.length >= heldBack && suppressed;
    });
    const names = held.map(({ labels: { alertname, instance } }) => `${instance} ${alertname}`);
    expect(names.sort()).toEqual(cases.slice(0, heldBack).map(([, target], i) => `edge${i} ${target}`));
  });
});
