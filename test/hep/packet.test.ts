// Packets byte by byte as the specification has them, and what of a message must not leave.
import { describe, expect, it } from 'vitest';
import { PacketWriter, type Passage } from '../../src/hep/packet.ts';
import { parseAddress } from '../../src/transport/address.ts';
import { chunksOf } from './chunks.ts';

/** "Example HEP3 packet" of the specification (rev. 37): its payload is shortened there too. */
const example = `
  48 45 50 33
  00 71
  00 00 00 01 00 07 02
  00 00 00 02 00 07 11
  00 00 00 03 00 0a d4 ca 00 01
  00 00 00 04 00 0a 52 74 00 d3
  00 00 00 07 00 08 2e ea
  00 00 00 08 00 08 13 c4
  00 00 00 09 00 0a 4e 49 82 cb
  00 00 00 0a 00 0a 00 01 d4 c0
  00 00 00 0b 00 07 01
  00 00 00 0c 00 0a 00 00 00 e4
  00 00 00 0f 00 14 49 4e 56 49 54 45 20 73 69 70 3a 62 6f 62`;

const address = (text: string) => parseAddress(text)!;
const passage: Passage = {
  source: address('212.202.0.1'),
  sourcePort: 12010,
  target: address('82.116.0.211'),
  targetPort: 5060,
  isUdp: true,
  unixMicroseconds: 1_313_440_459_120_000,
};

function written(writer: PacketWriter, on: Passage, text: string, id = ''): Buffer {
  const bytes = Buffer.from(`..${text}`, 'latin1');
  const at = id === '' ? 0 : bytes.indexOf(id);
  const length = writer.write(on, bytes, 2, bytes.length, at, at + id.length);
  return Buffer.from(writer.bytes.subarray(0, length));
}

describe('a packet', () => {
  it('is that of the specification', () => {
    const writer = new PacketWriter({ captureId: 228 }, true);
    expect(written(writer, passage, 'INVITE sip:bob').toString('hex')).toBe(example.replaceAll(/\s/g, ''));
  });

  it('has IPv6 addresses, TCP, the Call-ID for correlation, key and name', () => {
    const writer = new PacketWriter({ captureId: 4_294_967_295, password: 's3cret', nodeName: 'edge-1' }, true);
    const on = { ...passage, source: address('2001:db8::1'), target: address('2001:db8::ff02'), isUdp: false };
    const text = 'BYE sip:b SIP/2.0\r\nCall-ID: x@y\r\n\r\n';
    const chunks = chunksOf(written(writer, on, text, 'x@y'));
    expect(chunks.map(({ type, value }) => [type, value.toString('hex')])).toEqual([
      [0x01, '0a'],
      [0x02, '06'],
      [0x05, '20010db8000000000000000000000001'],
      [0x06, '20010db800000000000000000000ff02'],
      [0x07, '2eea'],
      [0x08, '13c4'],
      [0x09, '4e4982cb'],
      [0x0a, '0001d4c0'],
      [0x0b, '01'],
      [0x0c, 'ffffffff'],
      [0x0e, Buffer.from('s3cret').toString('hex')],
      [0x0f, Buffer.from(text).toString('hex')],
      [0x11, Buffer.from('x@y').toString('hex')],
      [0x13, Buffer.from('edge-1').toString('hex')],
    ]);
  });

  it('is none where it would be longer than its length can say', () => {
    const writer = new PacketWriter({ captureId: 1 }, false);
    expect(written(writer, passage, 'x'.repeat(65_300)).length).toBeGreaterThan(65_300);
    expect(written(writer, passage, 'x'.repeat(65_500))).toHaveLength(0);
    expect(written(writer, passage, 'short').length).toBeGreaterThan(0);
  });
});

describe('secrets', () => {
  const message = (fields: string, body = '') => `INVITE sip:b SIP/2.0\r\n${fields}\r\n${body}`;
  const payload = (text: string, masks = true): string => {
    const packet = written(new PacketWriter({ captureId: 1 }, masks), passage, text);
    return chunksOf(packet)
      .find(({ type }) => type === 0x0f)!
      .value.toString('latin1');
  };
  const stars = (text: string) => text.replaceAll(/[^ \r\n\t]/g, '*');

  it.each([
    ['Authorization: Digest ', 'username="a", response="0123"'],
    ['authorization:Digest ', 'response="9"'],
    ['Proxy-Authorization : Bearer ', 'eyJh.eyJz'],
    ['PROXY-AUTHORIZATION: Basic ', 'YTpi'],
    ['Authorization: Digest ', 'username="a",\r\n response="01\r\n\t23"'],
  ])('%s is masked, with its length and without its scheme', (head, secret) => {
    const text = message(`Via: x\r\n${head}${secret}\r\nTo: y\r\n`);
    expect(payload(text)).toBe(text.replace(secret, stars(secret)));
    expect(payload(text, false)).toBe(text);
  });

  it('keys of media are masked, and what looks like them in the head is not', () => {
    const before = 'v=0\r\nm=audio 1 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:';
    const text = message(
      'Subject: a=crypto:1 inline:x\r\n',
      `${before}d0RmdmcmVCspeEc3|2^20\r\na=ice-pwd:pass\r\nk=clear:me\r\n`,
    );
    const seen = payload(text);
    expect(seen).toBe(
      message(
        'Subject: a=crypto:1 inline:x\r\n',
        `${before}${stars('d0RmdmcmVCspeEc3|2^20')}\r\na=ice-pwd:****\r\nk=********\r\n`,
      ),
    );
  });

  it('challenges, and names that only begin like it, stay', () => {
    const text = message(
      'WWW-Authenticate: Digest nonce="1"\r\nAuthorization-Info: Digest x\r\nP-Asserted-Identity: <sip:a>\r\n',
    );
    expect(payload(text)).toBe(text);
  });
});
