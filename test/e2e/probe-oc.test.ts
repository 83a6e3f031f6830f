// `surgegate probe-oc` as an operator runs it, against the peers that we test with.
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { startKamailio } from '../peers/kamailio.ts';
import { labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { freePort } from '../peers/ports.ts';
import { startSipp } from '../peers/sipp.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const command =
  process.env.SURGEGATE_FROM_SOURCE === undefined
    ? [join(root, 'dist/cli.js')]
    : ['--import', import.meta.resolve('tsx'), join(root, 'src/cli.ts')];

function probeOc(...given: string[]): Promise<{ status: number | null; out: string; error: string }> {
  return new Promise((resolve) => {
    const started = execFile(process.execPath, [...command, 'probe-oc', ...given], (_error, out, error) =>
      resolve({ status: started.exitCode, out, error }),
    );
  });
}

/** Before 5.8 Kamailio took the comma for the end of the Via: it found no end of the quotes, and dropped the message. */
const commaEndsVia =
  /\nno offer +200 OK\n;oc;oc-algo="loss" +200 OK +yes\n;oc;oc-algo="loss,rate" +none +no +.*\n\nswitches\[\]\.oc: loss\n$/;
const bothSurvived =
  /\nno offer +200 OK\n;oc;oc-algo="loss" +200 OK +yes\n;oc;oc-algo="loss,rate" +200 OK +yes\n\nswitches\[\]\.oc: loss,rate\n$/;

const version = spawnSync('kamailio', ['-v'], {
  env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
}).stdout;
const isOldKamailio = /kamailio (?:[1-4]\.|5\.[0-7]\.)/.test(String(version));

concurrentPeerSuite('probe-oc', () => {
  labTest('SIPp survives both', async ({ lab }) => {
    const { address } = await startSipp(lab, 'uas-call');
    const { status, out, error } = await probeOc(address);
    expect([status, error]).toEqual([0, '']);
    expect(out).toMatch(bothSurvived);
  });

  for (const transport of ['udp', 'tcp'])
    labTest(`Kamailio over ${transport}: an old one is found out`, async ({ lab }) => {
      const { address } = await startKamailio(lab, 'answering');
      const { status, out, error } = await probeOc(`${transport}:${address}`, '--timeout', '2');
      expect([status, error]).toEqual([0, '']);
      expect(out).toMatch(isOldKamailio ? commaEndsVia : bothSurvived);
    });

  labTest('what cannot be probed is said in one line', async () => {
    const port = await freePort();
    expect(await probeOc(`127.0.0.1:${port}`, '--timeout', '1')).toEqual({
      status: 1,
      out: '',
      error: `surgegate: udp:127.0.0.1:${port} does not answer OPTIONS: nobody listens there\n`,
    });
    const wrong = await probeOc('5060');
    expect([wrong.status, wrong.error]).toEqual([
      1,
      'surgegate: 5060 is not HOST:PORT, udp:HOST:PORT or tcp:HOST:PORT\n',
    ]);
    expect((await probeOc(`127.0.0.1:${port}`, '--timeout', 'soon')).status).toBe(1);
  });
});
