import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { securityHeaders, startAdmin } from '../../src/admin/server.ts';
import { EventStreams } from '../../src/console/event-streams.ts';
import { History } from '../../src/console/history.ts';
import { readPage } from '../../src/console/page-files.ts';
import { addConsoleRoutes } from '../../src/console/routes.ts';
import { Timeline } from '../../src/console/timeline.ts';
import { optionsWith } from '../admin/options.ts';
import { index, pageFolder } from './page-folder.ts';

async function setUp(folder = pageFolder()) {
  const page = readPage(folder);
  const history = new History();
  const timeline = new Timeline(() => 0);
  const streams = new EventStreams(() => 0);
  const admin = await startAdmin(
    optionsWith({
      console: (server) => addConsoleRoutes(server, { history, timeline, streams, status: () => undefined, page }),
    }),
    { host: '127.0.0.1', port: 0 },
  );
  onTestFinished(() => admin.close());
  const { host, hostname, port } = new URL(`http://${admin.address}`);
  // as it stands: fetch would tidy up a path first
  const ask = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; headers: Record<string, unknown>; text: string; bytes: Buffer }>(
      (resolve, reject) => {
        const asked = request({ hostname, port, path, headers: { host, ...headers } }, (answer) => {
          const parts: Buffer[] = [];
          answer.on('data', (part: Buffer) => parts.push(part));
          answer.on('end', () => {
            const bytes = Buffer.concat(parts);
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: String(bytes), bytes });
          });
        });
        asked.on('error', reject);
        asked.end();
      },
    );
  return { ask, history, timeline, page: page! };
}

describe('the page', () => {
  it('is at / and refers to its files by their version', async () => {
    const { ask, page } = await setUp();
    const { status, headers, text } = await ask('/');
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ]);
    expect(text).toBe(index.replaceAll('console/', `console/${page.version}/`));
  });

  it.each([
    ['main.js', 'text/javascript; charset=utf-8', 'let a;'],
    ['style.css', 'text/css; charset=utf-8', 'a {}'],
  ])('has %s with its type; under its version it never changes', async (name, type, content) => {
    const { ask, page } = await setUp();
    const plain = await ask(`/console/${name}`);
    expect(plain).toMatchObject({ status: 200, text: content });
    expect([plain.headers['content-type'], plain.headers['cache-control']]).toEqual([type, 'no-cache']);
    const fixed = await ask(`/console/${page.version}/${name}`);
    expect(fixed).toMatchObject({ status: 200, text: content });
    expect(fixed.headers['cache-control']).toContain('immutable');
  });

  it('is sent once to who has it', async () => {
    const { ask } = await setUp();
    const etag = String((await ask('/')).headers.etag);
    expect(etag).toMatch(/^"[0-9a-f]{16}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await ask('/', { 'if-none-match': known });
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag]);
    }
    expect((await ask('/', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it.each([
    ['gzip', true],
    ['deflate, gzip;q=0.5, br', true],
    ['GZIP', true],
    ['gzip;q=0', false],
    ['gzip;q=0.000, br', false],
    ['x-gzip', false],
    ['identity', false],
  ])('is sent in gzip to who takes %s: %s', async (encoding, isPacked) => {
    const { ask } = await setUp();
    const { headers, bytes } = await ask('/console/main.js', { 'accept-encoding': encoding });
    expect([headers['content-encoding'], headers.vary]).toEqual([isPacked ? 'gzip' : undefined, 'accept-encoding']);
    expect(String(isPacked ? gunzipSync(bytes) : bytes)).toBe('let a;');
    // another form of it has another tag
    const other = await ask('/console/main.js', { 'if-none-match': String(headers.etag) });
    expect(other.status).toBe(isPacked ? 200 : 304);
    const same = await ask('/console/main.js', { 'if-none-match': String(headers.etag), 'accept-encoding': encoding });
    expect(same.status).toBe(304);
  });

  it('has another version when a file is another', () => {
    const folder = pageFolder();
    const before = readPage(folder)!.version;
    writeFileSync(join(folder, 'main.js'), 'let b;');
    expect(readPage(folder)!.version).not.toBe(before);
  });

  it.each([
    '/console/../secret.js',
    '/console/..%2fsecret.js',
    '/console/%2e%2e/secret.js',
    '/console//secret.js',
    '/console/..\\secret.js',
    '/console/main.d.ts',
    '/console/.tsbuildinfo',
    '/console/index.html',
    '/console/',
    '/console',
    '/main.js',
    '/console/0000000000000000/main.js',
    '/console/__proto__',
  ])('%s is no file of it', async (path) => {
    const { ask } = await setUp();
    const { status, text } = await ask(path);
    expect(status).toBe(404);
    expect(text).not.toContain('never told');
  });

  it('is none where it was not built, and all else is there', async () => {
    const { ask } = await setUp(join(tmpdir(), 'no such folder'));
    expect((await ask('/')).status).toBe(404);
    expect((await ask('/v1/history')).status).toBe(200);
  });

  it.each([
    '/',
    '/console/main.js',
    '/v1/history',
    '/v1/events',
    '/v1/status',
    '/metrics',
    '/healthz',
    '/nothing',
    '/v1/events?limit=0',
  ])('%s says what browsers may do with it', async (path) => {
    const { ask } = await setUp();
    const { 'cache-control': cached, ...others } = securityHeaders;
    const { headers } = await ask(path);
    expect(headers).toMatchObject(others);
    expect(others['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    expect(headers['cache-control']).toBe(/^\/(console|$)/.test(path) ? 'no-cache' : cached);
  });
});

describe('what it reads', () => {
  it('is the history of so many seconds, and as many events as are asked for', async () => {
    const { ask, history, timeline } = await setUp();
    const still = { offered: 0, admitted: 0, refused: 0, completed: 0 };
    const row = { mode: 0, boundaryPerSecond: null, ordinaryCallsPerSecond: null, interfaces: {}, priority: still };
    for (let at = 1; at <= 30; at++) history.add({ stepSeconds: 1, at, ...row, switches: {} });
    for (const text of ['a', 'b', 'c']) timeline.add({ kind: 'gap', severity: 'info', text });
    expect(JSON.parse((await ask('/v1/history?seconds=10')).text)).toMatchObject({
      stepSeconds: 1,
      at: { length: 10 },
    });
    expect(JSON.parse((await ask('/v1/history')).text)).toMatchObject({ stepSeconds: 10, at: [10, 20, 30] });
    expect(JSON.parse((await ask('/v1/events?limit=2')).text)).toMatchObject({
      entries: [{ text: 'c' }, { text: 'b' }],
    });
    expect(JSON.parse((await ask('/v1/events')).text).entries.length).toBe(3);
  });

  it.each([
    ['/v1/history?seconds=9', /^seconds: 9 is not a whole number from 10 to 3600$/],
    ['/v1/history?seconds=3601', /^seconds: 3601 /],
    ['/v1/history?seconds=1e2', /^seconds: 1e2 /],
    ['/v1/history?seconds=', /^seconds: {2}is not/],
    ['/v1/history?seconds=60&seconds=70', /^seconds: 60,70 is not/],
    ['/v1/events?limit=0', /^limit: 0 is not a whole number from 1 to 1000$/],
    [`/v1/events?limit=${'9'.repeat(70)}`, /^limit: 9{60} is not/],
  ])('%s is refused with the range', async (path, detail) => {
    const { ask } = await setUp();
    const { status, text } = await ask(path);
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ title: 'Bad Request', detail: expect.stringMatching(detail) });
  });
});
