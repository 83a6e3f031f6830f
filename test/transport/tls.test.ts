// TLS over real sockets, with certificates made for the test.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { certificateEnd } from '../../src/transport/tls-files.ts';
import type { ListenerOptions, TlsFiles } from '../../src/transport/transport-options.ts';
import { openTransports } from '../../src/transport/transports.ts';
import type { Certificates } from './certificates.ts';
import { makeCertificates } from './certificates.ts';
import type { Seen } from './open.ts';
import { open, send, sip } from './open.ts';

const haveOpenssl = ((): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
    return true;
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    console.log('TLS tests skipped: no openssl command');
    return false;
  }
})();

describe.skipIf(!haveOpenssl)('TLS', () => {
  let files: Certificates;
  beforeAll(() => {
    files = makeCertificates();
  });
  afterAll(() => files.remove());

  const listener = (more: Partial<TlsFiles> = {}, host = '127.0.0.1'): ListenerOptions => ({
    interfaceName: 'south',
    transport: 'tls',
    host,
    port: 0,
    tls: { certificate: files.certificate, key: files.key, ca: files.ca, ...more },
  });
  const portOf = (seen: Seen): number => seen.transports.listeners[0]!.port;
  const statsOf = (seen: Seen) => seen.transports.stats()[0]!;

  function dial(port: number, options: tls.ConnectionOptions = {}) {
    const client = {
      socket: tls.connect({ port, host: '127.0.0.1', ca: readFileSync(files.ca), ...options }),
      text: '',
      error: '',
      closed: false,
    };
    client.socket.on('data', (bytes) => {
      client.text += bytes.toString('latin1');
    });
    client.socket.on('error', (error) => {
      client.error = (error as NodeJS.ErrnoException).code ?? error.message;
    });
    client.socket.on('close', () => {
      client.closed = true;
    });
    onTestFinished(() => {
      client.socket.destroy();
    });
    return client;
  }

  it.each(['127.0.0.1', '::1'])('carries messages on %s and counts the connection out again', async (host) => {
    const seen = await open({ listeners: [listener({}, host)] });
    const client = dial(portOf(seen), { host });
    client.socket.write(sip('OPTIONS', 'hello'));
    await vi.waitFor(() => expect(client.text).toBe(sip('OPTIONS', 'hello')));
    expect(seen.messages[0]?.flow).toMatchObject({ remoteAddress: host, remotePort: client.socket.localPort });
    expect(statsOf(seen)).toMatchObject({ connections: 1, acceptedConnections: 1, failedHandshakes: 0 });
    client.socket.end();
    await vi.waitFor(() => expect(seen.closed).toHaveLength(1));
    expect(statsOf(seen).connections).toBe(0);
  });

  it('counts a connection until it is gone, TLS up or not', async () => {
    const seen = await open({ listeners: [listener()], limits: { connectionsPerAddress: 2 } });
    const up = dial(portOf(seen));
    up.socket.write(sip('OPTIONS'));
    await vi.waitFor(() => expect(up.text).toBe(sip('OPTIONS')));
    const raw = net.connect(portOf(seen), '127.0.0.1').on('error', () => {});
    await vi.waitFor(() => expect(statsOf(seen)).toMatchObject({ acceptedConnections: 2, connections: 1 }));
    const refused = dial(portOf(seen));
    await vi.waitFor(() => expect(refused.closed).toBe(true));
    expect(statsOf(seen).refusedConnections).toBe(1);
    up.socket.destroy();
    raw.destroy();
    await vi.waitFor(() => expect(statsOf(seen).connections).toBe(0));
    const [one, two] = await vi.waitFor(async () => {
      const pair = [dial(portOf(seen)), dial(portOf(seen))] as const;
      const outcomes = pair.map(
        ({ socket }) =>
          new Promise((resolve) =>
            socket.once('secureConnect', () => resolve(true)).once('close', () => resolve(false)),
          ),
      );
      const both = (await Promise.all(outcomes)).every((outcome) => outcome);
      if (!both) for (const { socket } of pair) socket.destroy();
      expect(both).toBe(true);
      return pair;
    }, 5_000);
    for (const { socket } of [one, two]) socket.write(sip('OPTIONS'));
    await vi.waitFor(() => expect([one.text, two.text]).toEqual([sip('OPTIONS'), sip('OPTIONS')]));
  });

  it('counts handshakes that fail or take too long', async () => {
    const seen = await open({ listeners: [listener()], limits: { messageMs: 200 } });
    const plain = net.connect(portOf(seen), '127.0.0.1');
    plain.on('error', () => {});
    plain.write(sip('OPTIONS'));
    await vi.waitFor(() => expect(statsOf(seen).failedHandshakes).toBe(1));
    const silent = net.connect(portOf(seen), '127.0.0.1');
    const closed = new Promise((resolve) => silent.on('error', () => {}).on('close', resolve));
    silent.resume();
    await closed;
    expect(statsOf(seen)).toMatchObject({ failedHandshakes: 2, connections: 0 });
    const old = dial(portOf(seen), { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    await vi.waitFor(() => expect(old.closed).toBe(true));
    await vi.waitFor(() => expect(statsOf(seen).failedHandshakes).toBe(3));
    const good = dial(portOf(seen));
    good.socket.write(sip('OPTIONS'));
    await vi.waitFor(() => expect(good.text).toBe(sip('OPTIONS')));
  });

  it('says when its certificate runs out, the first of a chain', async () => {
    const seen = await open({ listeners: [listener(), { ...listener(), transport: 'tcp', tls: undefined }] });
    const [secure, plain] = seen.transports.stats();
    const [server, authority] = [files.certificate, files.ca].map((file) => readFileSync(file, 'utf8'));
    const end = (pem: string): number => Date.parse(new X509Certificate(pem).validTo) / 1000;
    expect(secure!.certificateEndsUnixSeconds).toBe(end(server!));
    expect(plain!.certificateEndsUnixSeconds).toBeUndefined();
    expect(certificateEnd(`${authority}\n${server}`)).toBe(Math.min(end(server!), end(authority!)));
    expect(certificateEnd('')).toBeNaN();
  });

  it('demands a client certificate where it is told to', async () => {
    const seen = await open({ listeners: [listener({ requestClientCertificate: true })] });
    const without = dial(portOf(seen));
    await vi.waitFor(() => expect(without.closed).toBe(true));
    const stranger = dial(portOf(seen), {
      cert: readFileSync(files.strangerCertificate),
      key: readFileSync(files.strangerKey),
    });
    await vi.waitFor(() => expect(stranger.closed).toBe(true));
    const known = dial(portOf(seen), { cert: readFileSync(files.certificate), key: readFileSync(files.key) });
    known.socket.write(sip('OPTIONS'));
    await vi.waitFor(() => expect(known.text).toBe(sip('OPTIONS')));
    expect(seen.messages).toHaveLength(1);
    expect(statsOf(seen).failedHandshakes).toBe(2);
  });

  it('opens connections, shows its certificate, asks for the server name, and queues until TLS is up', async () => {
    const server = await open({ listeners: [listener({ requestClientCertificate: true })] });
    const seen = await open({ listeners: [listener({ serverName: 'sip.example.net' })], onMessage: () => {} });
    const flow = seen.transports.flowTo(seen.transports.listeners[0]!, '127.0.0.1', portOf(server));
    const texts = [sip('OPTIONS', '1'), sip('OPTIONS', '2')];
    for (const text of texts) expect(send(flow, text)).toBe(true);
    await vi.waitFor(() => expect(seen.messages.map(({ text }) => text)).toEqual(texts));
    expect(statsOf(seen)).toMatchObject({ openedConnections: 1, failedConnects: 0 });
    const misnamed = await open({ listeners: [listener({ serverName: 'other.example.net' })] });
    const wrong = misnamed.transports.flowTo(misnamed.transports.listeners[0]!, '127.0.0.1', portOf(server));
    await vi.waitFor(() =>
      expect(misnamed.closed).toMatchObject([{ error: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } }]),
    );
    expect(wrong.closed).toBe(true);
  });

  it('does not trust a server that its authority does not vouch for', async () => {
    const server = await open({
      listeners: [listener({ certificate: files.strangerCertificate, key: files.strangerKey })],
    });
    const seen = await open({ listeners: [listener()] });
    const flow = seen.transports.flowTo(seen.transports.listeners[0]!, '127.0.0.1', portOf(server));
    send(flow, sip('OPTIONS'));
    await vi.waitFor(() => expect(seen.closed).toHaveLength(1));
    expect(seen.closed[0]?.flow).toBe(flow);
    expect(seen.closed[0]?.error).toBeInstanceOf(Error);
    expect(statsOf(seen).failedConnects).toBe(1);
    expect(server.messages).toHaveLength(0);
  });

  it('gives up a connection whose TLS does not come up in time', async () => {
    const mute = net.createServer((socket) => socket.on('error', () => {}).resume());
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      mute.close();
    });
    const seen = await open({ listeners: [listener()], limits: { connectMs: 100 } });
    const { port } = mute.address() as net.AddressInfo;
    const flow = seen.transports.flowTo(seen.transports.listeners[0]!, '127.0.0.1', port);
    await vi.waitFor(() => expect(seen.closed).toHaveLength(1));
    expect(seen.closed[0]).toMatchObject({ flow, error: { message: 'not connected after 100 ms' } });
  });

  it('says which file is no use', async () => {
    const events = { onMessage() {}, onStreamFault() {}, onFlowClosed() {} };
    const at = (tlsFiles: TlsFiles | undefined): Promise<unknown> =>
      openTransports({ listeners: [{ ...listener(), port: 5061, tls: tlsFiles }] }, events);
    const name = 'tls:127.0.0.1:5061 on south: ';
    await expect(at(undefined)).rejects.toThrow(`${name}no certificate is configured`);
    await expect(at({ certificate: '/nowhere.pem', key: files.key })).rejects.toThrow(
      `${name}certificate /nowhere.pem: no such file`,
    );
    await expect(at({ certificate: files.certificate, key: files.strangerKey })).rejects.toThrow(
      `${name}certificate ${files.certificate} with key ${files.strangerKey}: `,
    );
  });
});
