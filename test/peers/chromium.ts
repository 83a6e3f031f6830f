// Chromium without a screen, with a microphone that beeps: pages served from 127.0.0.1 in which sip.js is a phone.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { pathOf } from './install.ts';
import type { Lab } from './lab-test.ts';
import type { Reply } from './phone.ts';
import { type Agent, type AgentOptions, makeAgent, type WebPhone, webPhone } from './sip-js.ts';

export interface Chromium {
  readonly browser: Browser;
  /** Ends it and removes its profile. */
  close(): Promise<void>;
}

const flags = [
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  // The media of two pages meet on the loopback, and nothing else is ever looked up.
  '--allow-loopback-in-peer-connection',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  '--no-first-run',
  // wss: with the certificate of a test
  '--ignore-certificate-errors',
];

export async function startChromium(): Promise<Chromium> {
  const folder = mkdtempSync(join(tmpdir(), 'surgegate-chromium-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const browser = await launch({
    executablePath: pathOf('chromium') ?? 'chromium',
    // Root has no sandbox.
    args: process.getuid?.() === 0 ? [...flags, '--no-sandbox'] : flags,
    userDataDir: join(folder, 'profile'),
    env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder },
    pipe: true,
    timeout: 60_000,
  }).catch((error: unknown) => {
    remove();
    throw error;
  });
  return {
    browser,
    async close() {
      await browser.close();
      remove();
    },
  };
}

export interface Site {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
}

const sipJs = fileURLToPath(new URL('.', import.meta.resolve('sip.js')));

/** A web server with one empty page, and sip.js under /sip.js/. */
export async function serveSite(lab: Lab): Promise<Site> {
  const server: Server = createServer((request, response) => {
    const path = normalize(request.url ?? '/');
    try {
      const [type, text] = path.startsWith('/sip.js/')
        ? ['text/javascript', readFileSync(join(sipJs, path.slice('/sip.js/'.length)))]
        : ['text/html', '<!doctype html><title>phone</title><link rel="icon" href="data:,">'];
      response.writeHead(200, { 'content-type': type, 'cache-control': 'max-age=600' }).end(text);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  lab.onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A page of `site` with a sip.js agent in it; rejects where that cannot connect or register. */
export async function startWebPhone(
  lab: Lab,
  chromium: Chromium,
  site: Site,
  options: AgentOptions,
): Promise<WebPhone> {
  const page = await chromium.browser.newPage();
  lab.onEnd(() => page.close());
  await page.goto(site.origin);
  await page.evaluate(
    `import('/sip.js/index.js').then((sip) => { globalThis.agent = (${makeAgent})(sip, ${JSON.stringify(options)}); })`,
  );
  const agent = agentIn(page);
  lab.onEnd(() => agent.stop());
  await agent.start();
  return webPhone(options.user, agent);
}

/** The agent of a page, at work there. */
function agentIn(page: Page): Agent {
  const tell = (what: string): Promise<unknown> => page.evaluate(`globalThis.agent.${what}`);
  return {
    start: async () => void (await tell('start()')),
    call: async (user) => (await tell(`call(${JSON.stringify(user)})`)) as Reply,
    hangUp: async () => void (await tell('hangUp()')),
    state: async () => (await tell('state()')) as Awaited<ReturnType<Agent['state']>>,
    stop: async () => void (await tell('stop()')),
  };
}
