// The probe against our test switch, and against peers with the defects that it is there to find.
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestSwitch } from '../../../src/lab/test-switch.ts';
import { probeOc } from '../../../src/probe/oc/probe-oc.ts';
import { probeOcJson, probeOcText } from '../../../src/probe/oc/probe-oc-text.ts';
import { openDatagrams } from '../../peers/datagram.ts';

const quick = { t1Ms: 30, timeoutMs: 300 };
const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** What a plain UAS answers. */
function okTo(text: string, status = '200 OK'): string {
  const copied = text.split('\r\n').filter((line) => /^(via|from|to|call-id|cseq):/i.test(line));
  return [`SIP/2.0 ${status}`, ...copied, 'Content-Length: 0', '\r\n'].join('\r\n');
}

/** `answer`: undefined for none. */
async function peer(answer: (text: string, nth: number) => string | undefined): Promise<string> {
  const socket = await openDatagrams('127.0.0.1', 0, (text, reply) => {
    const said = answer(text, socket.received.length);
    if (said !== undefined) reply(said);
  });
  closers.push(() => socket.close());
  return `udp:127.0.0.1:${socket.port}`;
}

const hasComma = (text: string) => /^Via:.*,/m.test(text);

describe('probe-oc', () => {
  it.each(['udp', 'tcp'])('our test switch over %s survives both', async (transport) => {
    const one = await startTestSwitch({ listen: [`${transport}:127.0.0.1:0`] });
    closers.push(() => one.close());
    const report = await probeOc(one.addresses[0]!, { ...quick, timeoutMs: 5000 });
    expect(report.recommended).toBe('loss,rate');
    expect(report.rows.map(({ offer, finding }) => [offer, finding.survives, finding.said])).toEqual([
      ['none', true, ''],
      ['loss', true, ''],
      ['loss,rate', true, ''],
    ]);
    expect(report.isAliveAfter).toBeUndefined();
  });

  it('a peer that drops what has a comma in its Via can be offered loss', async () => {
    const report = await probeOc(await peer((text) => (hasComma(text) ? undefined : okTo(text))), quick);
    expect([report.recommended, report.isAliveAfter]).toEqual(['loss', true]);
    expect(probeOcJson(report)).toMatchObject({
      ...{ isAliveAfter: true, recommended: 'loss' },
      offers: [
        { offer: 'none', status: 200 },
        { offer: 'loss' },
        { offer: 'loss,rate', status: null, survives: false },
      ],
    });
    expect(probeOcText(report)).toMatch(
      /;oc;oc-algo="loss,rate" +none +no +no answer in 0\.3 s\n[\s\S]*switches\[\]\.oc: loss$/,
    );
  });

  it('a peer that answers it with 400 too', async () => {
    const report = await probeOc(await peer((text) => okTo(text, hasComma(text) ? '400 Bad Via' : '200 OK')), quick);
    expect(report.recommended).toBe('loss');
    expect(report.rows[2]!.finding.said).toBe('answers 400 instead of 200');
  });

  it('a peer that splits the Via at the comma too', async () => {
    const split = (text: string) => okTo(text).replace(/^(Via:.*"loss),(.*)$/m, '$1\r\nVia: $2');
    expect((await probeOc(await peer(split), quick)).recommended).toBe('loss');
  });

  it('a peer that knows no parameter without a value can be offered nothing', async () => {
    const report = await probeOc(await peer((text) => (/;oc;/.test(text) ? undefined : okTo(text))), quick);
    expect([report.recommended, report.isAliveAfter]).toEqual(['none', true]);
  });

  it('nor one that has gone after it', async () => {
    let isDead = false;
    const report = await probeOc(
      await peer((text) => {
        isDead ||= hasComma(text);
        return isDead ? undefined : okTo(text);
      }),
      quick,
    );
    expect([report.recommended, report.isAliveAfter]).toEqual(['none', false]);
    expect(probeOcText(report)).toContain('no longer answers at all');
  });

  it('what is lost is sent again (RFC 3261 §17.1.2.2), and a provisional answer is none', async () => {
    const answer = (text: string, nth: number) => (nth % 3 === 0 ? okTo(text) : okTo(text, '100 Trying'));
    expect((await probeOc(await peer(answer), { t1Ms: 20, timeoutMs: 2000 })).recommended).toBe('loss,rate');
  });

  it('a connection that is closed on the offer', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) =>
        /;oc/.test(bytes.toString()) ? socket.destroy() : socket.write(okTo(bytes.toString())),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const report = await probeOc(`tcp:127.0.0.1:${port}`, quick);
    expect(report.recommended).toBe('none');
    expect(report.rows[1]!.finding.said).toBe('it closed the connection');
  });

  it('says in one line that nobody answers', async () => {
    const silent = await peer(() => undefined);
    await expect(probeOc(silent, quick)).rejects.toThrow(`${silent} does not answer OPTIONS: no answer in 0.3 s`);
    const closed = await openDatagrams();
    closed.close();
    for (const transport of ['udp', 'tcp'])
      await expect(probeOc(`${transport}:127.0.0.1:${closed.port}`, quick)).rejects.toThrow('nobody listens there');
  });

  it.each(['', 'udp:', 'udp:1.2.3.4', 'sip:1.2.3.4:5060', '1.2.3.4:0', 'tls:1.2.3.4:5061', 'udp:1.2.3.4:99999'])(
    'refuses the address %j',
    async (text) => {
      await expect(probeOc(text, quick)).rejects.toThrow('udp:HOST:PORT or tcp:HOST:PORT');
    },
  );
});
