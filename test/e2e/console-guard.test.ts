// What pages of others can do to an edge from the browser of its operator: nothing. In real Chromium, whose own rules are a part of it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect } from 'vitest';
import type { AuditEntry } from '../../src/admin/audit-entry.ts';
import { type Chromium, startChromium } from '../peers/chromium.ts';
import { type Edge, startEdge } from '../peers/edge.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { clientSuite } from '../peers/peer-suite.ts';
import { waitFor } from '../peers/wait.ts';

const switchOfOurs = { name: 'sw1', embedded: true };

clientSuite('Chromium and the console', ['chromium'], () => {
  let chromium: Chromium;
  beforeAll(async () => {
    chromium = await startChromium();
  }, 90_000);
  afterAll(() => chromium?.close());

  async function setUp(lab: Lab) {
    const edge = await startEdge(lab, { switches: [switchOfOurs] });
    const [, url, token] = /^ {2}console (http:\/\/[^/]+\/)#token=(\S+)$/m.exec(edge.log()) ?? [];
    if (url === undefined || token === undefined) throw new Error(`no console: ${edge.log()}`);
    return { edge, url, token };
  }

  const open = async (lab: Lab, url: string): Promise<Page> => {
    const page = await chromium.browser.newPage();
    lab.onEnd(() => page.close());
    await page.goto(url);
    return page;
  };

  /** A page on another port of this machine: of the same site, and of another origin. */
  async function foreignPage(lab: Lab, text = '<!doctype html><title>other</title>'): Promise<Page> {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    lab.onEnd(() => {
      server.closeAllConnections();
      server.close();
    });
    return open(lab, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }

  const audit = async (edge: Edge): Promise<readonly AuditEntry[]> =>
    (JSON.parse((await edge.page('/v1/audit')).text) as { entries: AuditEntry[] }).entries;

  /** The status of each answer; 0: the page sees nothing of it, -1: it got none. */
  const tries = (page: Page, url: string, token: string) =>
    page.evaluate(
      async (to, bearer) => {
        const order = JSON.stringify({ seconds: 60, reason: 'not by the operator' });
        const ask = async (path: string, init: object) => {
          try {
            return (await fetch(to + path, init)).status;
          } catch {
            return -1;
          }
        };
        const authorization = `Bearer ${bearer}`;
        const json = { 'content-type': 'application/json', authorization };
        return {
          put: await ask('v1/drain', { method: 'PUT', headers: json, body: order }),
          remove: await ask('v1/gaps/555', { method: 'DELETE', headers: { authorization } }),
          simple: await ask('v1/gaps', { method: 'POST', mode: 'no-cors', body: order }),
          read: await ask('v1/status', {}),
          stream: await ask('v1/stream', { mode: 'no-cors' }),
        };
      },
      url,
      token,
    );

  labTest('a page of another origin gives no order, even with the token, and reads nothing', async ({ lab }) => {
    const { edge, url, token } = await setUp(lab);
    const page = await foreignPage(lab);
    expect(await tries(page, url, token)).toEqual({ put: -1, remove: -1, simple: 0, read: -1, stream: 0 });
    // what a page may send to anybody: a form, whose text is JSON by chance
    const field = `{"digits":"555","intervalSeconds":"stop","seconds":60,"reason":"`;
    const form = `<form method="post" enctype="text/plain" action="${url}v1/gaps"><input name='${field}' value='"}'></form>`;
    await page.setContent(form);
    await page.$eval('form', (one) => (one as unknown as { submit(): void }).submit());
    await waitFor('the answer to the form', async () => (await page.content()).includes('about:blank'));
    expect(await page.content()).toMatch(/"status":40[13]/);
    expect(await audit(edge)).toEqual([]);
    expect(await edge.page('/readyz')).toMatchObject({ status: 200 });
  });

  labTest('none takes the place of those who watch', async ({ lab }) => {
    const { edge, url } = await setUp(lab);
    const page = await foreignPage(lab);
    const refused = await page.evaluate(async (to) => {
      const all = Array.from({ length: 25 }, () => fetch(`${to}v1/stream`, { mode: 'no-cors' }));
      return (await Promise.all(all)).length;
    }, url);
    expect(refused).toBe(25);
    const stream = await fetch(`${url}v1/stream`);
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
    expect(edge.child().running()).toBe(true);
  });

  labTest('none shows it in a frame', async ({ lab }) => {
    const { url } = await setUp(lab);
    const page = await foreignPage(lab, `<!doctype html><title>frame</title><iframe src="${url}"></iframe>`);
    const inside = await waitFor('the frame', () => page.frames().find((frame) => frame !== page.mainFrame()));
    await waitFor('the frame to be refused', () => inside.url().startsWith('chrome-error:'));
  });

  labTest('our own page gives orders with the token, and none without', async ({ lab }) => {
    const { edge, url, token } = await setUp(lab);
    const page = await open(lab, `${url}v1/status`); // a page of our origin in which nothing runs
    expect(await tries(page, url, 'not-the-token-of-it')).toMatchObject({
      put: 401,
      remove: 401,
      simple: 401,
      read: 200,
    });
    expect(await audit(edge)).toEqual([]);
    expect(await tries(page, url, token)).toMatchObject({ put: 200, remove: 404, simple: 401, read: 200 });
    expect(await audit(edge)).toMatchObject([{ by: 'console', action: 'drain' }]);
    expect((await edge.page('/readyz')).status).toBe(503);
  });
});
