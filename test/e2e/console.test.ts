// The console in headless Chromium before a real edge: what an operator sees of a surge, and does about it.
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type Chromium, startChromium } from '../peers/chromium.ts';
import { type ConsolePage, consoleAddress, openConsole } from '../peers/console-page.ts';
import { openDatagrams, requestText } from '../peers/datagram.ts';
import type { Edge } from '../peers/edge.ts';
import { labTest } from '../peers/lab-test.ts';
import { clientSuite } from '../peers/peer-suite.ts';
import { waitFor } from '../peers/wait.ts';
import { calmEdge, surge } from './console-setting.ts';
import { capacityPerSecond, setUpSurge } from './surge-setting.ts';

const slow = { timeout: 120_000 };

const json = async (edge: Edge, path: string): Promise<Record<string, unknown>> =>
  JSON.parse((await edge.page(path)).text) as Record<string, unknown>;

const number = (text: string): number => Number(text.replace(/[^\d.]/g, ''));
const widthOver = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

function expectQuiet({ complaints, origins }: ConsolePage, edge: Edge): void {
  expect(complaints).toEqual([]);
  expect([...origins]).toEqual([new URL(consoleAddress(edge)).origin]);
}

clientSuite('the console in Chromium', ['chromium'], () => {
  describe.sequential('pages', () => {
    let chromium: Chromium;
    beforeAll(async () => {
      chromium = await startChromium();
    }, 90_000);
    afterAll(() => chromium?.close());

    labTest('shows a surge as it comes, and says why a call was refused', slow, async ({ lab }) => {
      const { edge } = await setUpSurge(lab);
      const page = await openConsole(lab, chromium, edge);
      await page.waitText('#mode-badge', /L0 Normal/);
      await page.value('globalThis.isThisPage = true');
      surge(lab, edge);
      await page.waitText('#mode-badge', /L[123]/);
      await page.waitText('#tile-refused .figure', /[1-9]/);
      await page.waitText('#tile-priority', /100 %/);
      expect(await page.value('globalThis.isThisPage')).toBe(true);
      await page.waitText('#causes', /\d %/);
      await page.waitText('#event-list', /running mode L0 → L/);
      await page.waitText('#switch-rows', /switch.*at capacity/s);

      // goodput: what is completed, and the line of what the switch can do; what is offered is ten times that
      await waitFor('completed calls in the plot', async () => number(await page.legend(0, 'Completed')) > 5, 20_000);
      expect(number(await page.legend(1, 'Offered'))).toBeGreaterThan(capacityPerSecond);
      expect(await page.legend(2, 'Refused')).toBe('0');
      for (const [plot, name] of [
        [0, 'completed'],
        [1, 'refused'],
        [2, 'completed'],
        [3, 'refused'],
      ] as const)
        expect(await page.drawn(plot, name), `${name} in plot ${plot}`).toBeGreaterThan(30);

      // single moments by keyboard, and the hour
      await page.value('document.querySelector(".canvas").focus()');
      await page.page.keyboard.press('ArrowLeft');
      await page.waitText('#announcer', /\d\d:\d\d.*: Admitted \d/);
      const [ofHour] = await Promise.all([
        page.page.waitForResponse((answer) => answer.url().endsWith('seconds=3600')),
        page.page.click('#span label:nth-of-type(3)'),
      ]);
      expect(ofHour.status()).toBe(200);

      // one of the refused calls is looked up by its Call-ID
      const { entries } = (await json(edge, '/v1/refusals?limit=5')) as {
        entries: { callId: string; number: string }[];
      };
      const { callId } = entries[0]!;
      await page.page.type('#refusal-search input[name="callId"]', callId);
      await page.press('Enter');
      await page.waitText('#refusal-note', /^1 found/);
      await page.page.click('#refusal-list summary');
      const told = await page.waitText('#refusal-list details[open]', /INVITE was refused: /);
      expect(told).toContain(callId);
      expect(told).toMatch(/Mode then\s+L[0-3]/);

      for (const scheme of ['dark', 'light'] as const) {
        await page.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        expect(await page.axe(), scheme).toEqual([]);
        await page.page.setViewport({ width: 360, height: 740 });
        expect(await page.value(widthOver), `${scheme}, pixels too wide`).toBe(0);
        expect(await page.axe(), `${scheme}, narrow`).toEqual([]);
        await page.page.setViewport({ width: 1440, height: 900 });
      }
      expectQuiet(page, edge);
    });

    labTest('a gap is placed and lifted with the keyboard alone, and audited', slow, async ({ lab }) => {
      const edge = await calmEdge(lab);
      const page = await openConsole(lab, chromium, edge);
      await page.waitText('#controls-note', /audited/);
      expect(await page.value('location.hash')).toBe('');

      await page.tabTo('#place-gap');
      await page.press('Enter');
      await page.waitText('dialog h2', /Place a gap/);
      await page.type('900555');
      expect(await page.text('.consequence')).toMatch(
        /900555, at most one ordinary call every 1 s .* until \d\d:\d\d:\d\d \(15 min\)/,
      );
      // without a reason nothing is sent
      await page.press('Enter');
      await page.waitText('dialog .fault', /Reason: is needed/);
      expect(await json(edge, '/v1/gaps')).toMatchObject({ gaps: [] });
      expect(await page.value('document.activeElement.name')).toBe('reason');
      await page.type('televote');
      await page.press('Enter');
      await page.waitText('#gap-rows', /900555/);
      expect(await page.value('document.querySelector("dialog")')).toBeNull();
      expect(await page.value('document.activeElement.id')).toBe('place-gap');
      expect(await json(edge, '/v1/gaps')).toMatchObject({
        gaps: [{ digits: '900555', cause: 'operator', by: 'console' }],
      });
      await page.waitText('#audit-list', /console placed the gap 900555.*televote/s);

      await page.tabTo('#gap-rows button');
      await page.press('Enter');
      await page.waitText('dialog h2', /Lift the gap on 900555/);
      await page.press('Escape');
      expect(await page.value('document.activeElement.matches("#gap-rows button")')).toBe(true);
      await page.press('Enter');
      await page.type('it is over');
      await page.press('Enter');
      await page.waitText('#gap-rows', /No number is gapped/);
      expect(await page.value('document.activeElement.id')).toBe('numbers-title');
      expect(await json(edge, '/v1/gaps')).toMatchObject({ gaps: [] });
      await page.waitText('#audit-list', /lifted the gap on 900555.*it is over/s);
      expectQuiet(page, edge);
    });

    labTest('each other control does what its dialog says', slow, async ({ lab }) => {
      const edge = await calmEdge(lab);
      const page = await openConsole(lab, chromium, edge);
      await page.waitText('#switch-rows', /sw2/);
      const order = async (button: string, words: RegExp): Promise<void> => {
        await page.page.click(button);
        await page.waitText('.consequence', words);
        await page.page.type('dialog input[name="reason"]', 'exercise');
        await page.press('Enter');
        await waitFor(
          'the dialog to close',
          async () => !(await page.value<boolean>('document.querySelector("dialog") !== null')),
        );
      };
      await page.page.click('#control-mode');
      await page.page.select('dialog select', 'L3');
      // the sentence follows what is chosen
      await page.waitText('.consequence', /runs in L3 Crisis until .* down to a quarter of what the switches can do/);
      await page.press('Escape');
      await order('#control-mode', /runs in L1 Guarded until .* whatever indicators/);
      await page.waitText('#mode-badge', /L1 Guarded/);
      await page.waitText('#alerts', /Mode held at L1 Guarded until .* by console: exercise/);
      await order('#control-mode', /say the mode again/);
      await order('#control-shadow', /Nothing is refused for load until/);
      await page.waitText('#alerts', /Shadow: everything is decided/);
      await order('#control-shadow', /configuration says again/);
      await order('#switch-rows button', /sw1 gets no new calls until/);
      await page.waitText('#switch-rows', /sw1\s+up, drained/);
      // the last of its group: the edge says no, and the page what it says
      await page.page.click('#switch-rows tr:nth-child(2) button');
      await page.page.type('dialog input[name="reason"]', 'both');
      await page.press('Enter');
      await page.waitText('dialog .fault', /409 Conflict: sw2 is the only switch of its group/);
      await page.press('Escape');
      await order('#switch-rows button', /gets new calls again/);
      await order('#control-drain', /Every ordinary new call is refused until/);
      await page.waitText('#alerts', /The edge is drained until/);
      expect((await edge.page('/readyz')).status).toBe(503);
      await order('#control-drain', /taken again/);
      await waitFor('the edge to be ready', async () => (await edge.page('/readyz')).status === 200);
      const { entries } = (await json(edge, '/v1/audit')) as { entries: { action: string; reason: string }[] };
      expect(entries.map(({ action }) => action).reverse()).toEqual([
        ...['override', 'lift-override', 'shadow', 'lift-shadow', 'drain-switch', 'lift-switch-drain'],
        ...['drain', 'lift-drain'],
      ]);
      expect(new Set(entries.map(({ reason }) => reason))).toEqual(new Set(['exercise']));
    });

    labTest('without a token it can be read only, and a wrong one is told', slow, async ({ lab }) => {
      const edge = await calmEdge(lab);
      const page = await openConsole(lab, chromium, edge, { readOnly: true });
      await page.waitText('#switch-rows', /sw2/);
      await page.waitText('#controls-note', /Read only: .*enter the token/);
      const enabled = 'document.querySelectorAll("button.control:not(:disabled)").length';
      expect(await page.value(enabled)).toBe(0);
      expectQuiet(page, edge);

      await page.tabTo('#token');
      await page.press('Enter');
      await page.type('not-the-token');
      await page.press('Enter');
      await page.waitText('dialog .fault', /401 Unauthorized: /);
      expect(await page.value(enabled)).toBe(0);
      const [, right = ''] = /token=(\S+)/.exec(consoleAddress(edge)) ?? [];
      await page.page.click('#field-token', { count: 3 });
      await page.type(right);
      await page.press('Enter');
      await page.waitText('#controls-note', /audited/);
      expect(await page.value<number>(enabled)).toBeGreaterThan(4);
    });

    labTest('a priority call that was refused is not overlooked', slow, async ({ lab }) => {
      const edge = await calmEdge(lab);
      const page = await openConsole(lab, chromium, edge);
      await page.waitText('#switch-rows', /sw2/);
      await page.waitText('#tile-priority', /no such call/);
      // the page's own modules, told of a call that no edge should ever refuse
      const told = await page.value<string[]>(`(async () => {
        const of = (name) => import(new URL(name, document.querySelector('script[type=module]').src));
        const [{ Columns }, { showTiles, priorityCount }, { showAlerts }] =
          await Promise.all(['columns.js', 'tiles.js', 'alerts.js'].map(of));
        const status = await (await fetch('v1/status')).json();
        const fine = new Columns(600);
        fine.load({ at: [1, 2], priority: { offered: [500, 500], refused: [0, 1], completed: [500, 499] } });
        showTiles(fine);
        showAlerts(status, priorityCount(fine).refused);
        const tile = document.querySelector('#tile-priority');
        return [tile.innerText, tile.dataset.tone, document.querySelector('#alerts').innerText];
      })()`);
      expect(told[0]).toMatch(/99\.9 %.*999 of 1\u202f000 completed, 1 refused/s);
      expect(told[1]).toBe('bad');
      expect(told[2]).toMatch(/1 priority or emergency call was refused/);
      expectQuiet(page, edge);
    });

    labTest('a lost edge is told at once, and the page comes back by itself', slow, async ({ lab }) => {
      const edge = await calmEdge(lab);
      const page = await openConsole(lab, chromium, edge);
      await page.waitText('#switch-rows', /sw2/);
      edge.kill('SIGKILL');
      await page.waitText('#lost', /connection to the edge is lost.*picture of/);
      expect(await page.text('#switch-rows')).toContain('sw2');
      expect(await page.value('getComputedStyle(document.querySelector("main")).filter')).toBe('grayscale(1)');
      await edge.restart();
      await page.waitText('#connection', /^Live$/);
      expect(await page.value('document.querySelector("#lost").hidden')).toBe(true);
      // each start has a token of its own
      await page.waitText('#done', /The token does not hold here/);
      await page.waitText('#controls-note', /Read only/);
    });

    labTest('what callers and operators write stays text', slow, async ({ lab }) => {
      const edge = await calmEdge(lab);
      const image = '<img src=x onerror=globalThis.isHit=1>';
      const order = { method: 'POST', headers: { 'content-type': 'application/json' } };
      const gap = { digits: '900555', intervalSeconds: 1, seconds: 600, reason: image };
      const { origin } = new URL(consoleAddress(edge));
      expect((await fetch(`${origin}/v1/gaps`, { ...order, body: JSON.stringify(gap) })).status).toBe(201);
      const drain = { seconds: 600, reason: image };
      await fetch(`${origin}/v1/drain`, { ...order, method: 'PUT', body: JSON.stringify(drain) });
      const caller = await openDatagrams();
      lab.onEnd(() => caller.close());
      const escaped = [...image].map((c) => (/\w/.test(c) ? c : `%${c.charCodeAt(0).toString(16)}`)).join('');
      const invite = { host: caller.host, port: caller.port, uri: `sip:${escaped}@${edge.address.south}` };
      caller.send(requestText({ ...invite, callId: '<img/src=x/onerror=globalThis.isHit=1>@x' }), edge.port.south);
      await caller.next(/^SIP\/2\.0 503/);

      const page = await openConsole(lab, chromium, edge);
      await page.waitText('#alerts', /<img src=x onerror=globalThis\.isHit=1>/);
      await page.waitText('#audit-list', /<img src=x/);
      await page.waitText('#refusal-list', /<img src=x/);
      await page.page.click('#refusal-list summary');
      await page.waitText('#refusal-list dl', /<img\/src=x/);
      expect(await page.value('[document.querySelectorAll("img").length, globalThis.isHit ?? 0]')).toEqual([0, 0]);
      expectQuiet(page, edge);
    });
  });
});
