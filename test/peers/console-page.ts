// The console in a real browser, watched: what it logs, what the CSP stops, where its requests go. Code for the page is text, since
// tests are not compiled for browsers.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer-core';
import type { Chromium } from './chromium.ts';
import type { Edge } from './edge.ts';
import type { Lab } from './lab-test.ts';
import { waitFor } from './wait.ts';

export type Scheme = 'dark' | 'light';

export interface ConsoleOptions {
  readonly scheme?: Scheme;
  /** CSS pixels. */
  readonly width?: number;
  /** Without the token of the address. */
  readonly readOnly?: boolean;
}

export interface ConsolePage {
  readonly page: Page;
  /** Errors and warnings of the browser's console, exceptions, and violations of the CSP. */
  readonly complaints: readonly string[];
  /** Origins that were asked for anything. */
  readonly origins: ReadonlySet<string>;
  /** '' where there is no such element. */
  text(selector: string): Promise<string>;
  /** A value of the page, by an expression. */
  value<T>(expression: string): Promise<T>;
  waitText(selector: string, pattern: RegExp, limitMs?: number): Promise<string>;
  /** Tab until the element has the focus; rejects where that takes more than `most` steps. */
  tabTo(selector: string, most?: number): Promise<void>;
  type(text: string): Promise<void>;
  press(key: 'Enter' | 'Tab' | 'Escape' | 'Space'): Promise<void>;
  /** What the legend of a plot says of a line now. */
  legend(plot: number, line: string): Promise<string>;
  /** How many pixels of the plot have the colour of a line. */
  drawn(plot: number, colour: string): Promise<number>;
  /** Names of axe's rules with the elements that break them. */
  axe(): Promise<string[]>;
}

const waitLimitMs = 20_000;
const axeText = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** `http://127.0.0.1:PORT/#token=…`, as the newest start has printed it. */
export function consoleAddress(edge: Edge): string {
  const [, address] = /console\s+(http:\S+)/.exec(edge.child().log()) ?? [];
  if (address === undefined) throw new Error('the banner has no line of the console');
  return address;
}

export async function openConsole(
  lab: Lab,
  chromium: Chromium,
  edge: Edge,
  { scheme = 'dark', width = 1440, readOnly = false }: ConsoleOptions = {},
): Promise<ConsolePage> {
  // a context of its own: the token of one tab is not that of another, and none is in the background
  const context = await chromium.browser.createBrowserContext();
  lab.onEnd(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const origins = new Set<string>();
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) origins.add(new URL(request.url()).origin);
  });
  await page.evaluateOnNewDocument(
    `addEventListener('securitypolicyviolation', (event) => console.error('CSP ' + event.violatedDirective + ' ' + event.blockedURI))`,
  );
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  const address = consoleAddress(edge);
  await page.goto(readOnly ? address.replace(/#.*$/, '') : address);

  const value = async <T>(expression: string): Promise<T> => (await page.evaluate(expression)) as T;
  const text = (selector: string): Promise<string> =>
    value(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`);
  const opened: ConsolePage = {
    page,
    complaints,
    origins,
    text,
    value,
    waitText: (selector, pattern, limitMs = waitLimitMs) =>
      waitFor(
        `${selector} to say ${pattern}`,
        async () => {
          const now = await text(selector);
          return pattern.test(now) ? now : undefined;
        },
        limitMs,
        50,
      ),
    async tabTo(selector, most = 80) {
      for (let step = 0; step <= most; step++) {
        if (await value<boolean>(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`${most} times Tab do not lead to ${selector}`);
    },
    type: (typed) => page.keyboard.type(typed),
    press: (key) => page.keyboard.press(key),
    legend: (plot, line) => value(legendOf(plot, line)),
    drawn: (plot, colour) => value(drawnOf(plot, colour)),
    async axe() {
      await page.evaluate(axeText);
      return value(
        `axe.run(document).then(({ violations, passes }) => [...(passes.length > 20 ? [] : ['next to nothing was looked at']), ` +
          `...violations.flatMap(({ id, nodes }) => nodes.map((node) => id + ': ' + node.target.join(' ') + ' ' + node.failureSummary))])`,
      );
    },
  };
  await opened.waitText('#connection', /^Live$/);
  return opened;
}

const legendOf = (plot: number, line: string): string =>
  `[...document.querySelectorAll('.plot')[${plot}].querySelectorAll('.u-series')]` +
  `.find((row) => row.textContent.startsWith('${line}')).querySelector('.u-value').textContent`;

const drawnOf = (plot: number, name: string): string => `(() => {
  const canvas = document.querySelectorAll('.plot')[${plot}].querySelector('canvas');
  const probe = document.createElement('canvas').getContext('2d');
  probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--${name}').trim();
  probe.fillRect(0, 0, 1, 1);
  const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] > 200 && Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 24) count++;
  }
  return count;
})()`;
