// README's example of the middleware as it is printed: an application of its own, with the package as others get it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { following } from '../fakes/drachtio-setting.ts';
import { header, parameter, parseSip } from '../fakes/sip-text.ts';
import { startChild } from '../peers/child.ts';
import { openDatagrams, requestText } from '../peers/datagram.ts';
import { openDrachtio } from '../peers/drachtio.ts';
import { waitFor } from '../peers/wait.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('the example of the middleware refuses what is too much, and lets priority calls pass', async () => {
  const server = await openDrachtio();
  onTestFinished(() => server.close());
  const block = /```js\n(import \{ congestionControl \} from 'surgegate\/drachtio';[\s\S]*?)```/.exec(
    readFileSync(join(root, 'README.md'), 'utf8'),
  )?.[1];
  expect(block).toContain('port: 9022');
  // inside of the package, so that it finds it by its name
  const file = join(root, `dist/.example-${process.pid}.mjs`);
  onTestFinished(() => rmSync(file, { force: true }));
  const { host, controlPort, secret } = server;
  const script = block!
    .replace(
      "host: '127.0.0.1', port: 9022, secret: 'cymru'",
      `host: '${host}', port: ${controlPort}, secret: '${secret}'`,
    )
    .replace('capacityPerSecond: 50', 'capacityPerSecond: 5')
    .replace('10_000', '500');
  writeFileSync(file, script);
  const app = startChild('application', process.execPath, [file]);
  onTestFinished(() => app.end(3000));

  const port = server.locals.find(({ protocol }) => protocol === 'udp')!.port;
  const caller = await openDatagrams();
  onTestFinished(() => caller.close());
  const call = (headers: string[] = []) => {
    const text = requestText({ host: caller.host, port: caller.port, uri: `sip:5551234@127.0.0.1:${port}`, headers });
    caller.send(text, port);
    return text;
  };
  const answerTo = async (text: string) => {
    const pattern = new RegExp(`^SIP/2\\.0 [2-6][^]*call-id: ${header(parseSip(text)!, 'call-id')}`, 'i');
    const answer = parseSip(await caller.next(pattern, 20_000))!;
    caller.send(following(text, 'ACK', caller, { toTag: parameter(header(answer, 'to'), 'tag')! }), port);
    return answer;
  };
  await waitFor('the application', async () => (await answerTo(call())).start.includes('486'), 30_000, 200);
  // over three seconds: all at one moment may find that the first call has just taken what there was
  const answers = await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      await sleep(index * 50);
      return answerTo(call());
    }),
  );
  const refused = answers.filter(({ start }) => start.includes('503'));
  expect(refused.length).toBeGreaterThan(10);
  expect(answers.length - refused.length).toBeGreaterThan(0);
  expect(refused.every((answer) => Number(header(answer, 'retry-after')) > 0)).toBe(true);
  expect((await answerTo(call(['Resource-Priority: ets.0']))).start).toContain('486');
  await waitFor('its status', () => app.log().includes('capacityPerSecond: 5'));
});
