// The kernel's tables of sockets, as Linux 6 prints them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProcNetRow } from '../../src/monitor/proc-net.ts';
import { listenState, readRows, rowAddress } from '../../src/monitor/proc-net.ts';

const udpHead =
  '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            \n';
const udpRow =
  ' 7309: 0100007F:13C4 00000000:0000 07 00000000:00030D00 00:00000000 00000000  1000        0 80213 2 0000000000000000 55921       \n';
const udp6Row =
  '  101: B80D012000000000000000000100000A:13C5 00000000000000000000000000000000:0000 07 00000010:00000000 00:00000000 00000000     0        0 80214 2 0000000000000000 0\n';
const tcpHead =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n';
const listening =
  '   0: 00000000:13C4 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 547 1 0000000099f48ee3 100 0 0 10 0                       \n';
const established =
  '   1: 0100007F:13C4 0100007F:9C40 01 00000000:000001F4 00:00000000 00000000     0        0 0 1 0000000000000000 20 4 30 10 -1\n';

function rows(protocol: 'udp' | 'tcp', text: string) {
  const bytes = Buffer.from(text, 'latin1');
  const seen: (ProcNetRow & { address: string })[] = [];
  const rest = readRows(protocol, bytes, bytes.length, (row) =>
    seen.push({ ...row, address: rowAddress(bytes, row, true) }),
  );
  return { seen, rest };
}

describe('readRows', () => {
  it('reads queues, inode and drops of UDP', () => {
    const { seen, rest } = rows('udp', udpHead + udpRow + udp6Row);
    expect(seen).toMatchObject([
      { address: '127.0.0.1', localPort: 5060, state: 7, receiveQueue: 0x30d00, inode: 80_213, drops: 55_921 },
      {
        address: '2001:db8:0:0:0:0:a00:1',
        localPort: 5061,
        transmitQueue: 16,
        receiveQueue: 0,
        inode: 80_214,
        drops: 0,
      },
    ]);
    expect(rest).toBe((udpHead + udpRow + udp6Row).length);
  });

  it('reads the accept queue of a listening socket, and no drops of TCP', () => {
    expect(rows('tcp', tcpHead + listening + established).seen).toMatchObject([
      { address: '0.0.0.0', localPort: 5060, state: listenState, receiveQueue: 3, inode: 547, drops: 0 },
      { address: '127.0.0.1', state: 1, receiveQueue: 500, inode: 0, drops: 0 },
    ]);
  });

  it('leaves the beginning of a line for the next read', () => {
    const cut = udpRow.length + 40;
    const { seen, rest } = rows('udp', (udpRow + udp6Row).slice(0, cut));
    expect(seen).toHaveLength(1);
    expect(rest).toBe(udpRow.length);
  });

  it('drops printed with a sign count on', () => {
    const [row] = rows('udp', udpRow.replace('55921', '-2')).seen;
    expect(row?.drops).toBe(2 ** 32 - 2);
  });

  it.each([
    ['an empty line', '\n'],
    ['a head', udpHead],
    ['no inode', udpRow.replace('80213', 'none')],
    ['no port', udpRow.replace(':13C4', '')],
    ['a broken queue', udpRow.replace('00030D00', '0003zD00')],
    ['a number past all bounds', udpRow.replace('00030D00', '0'.repeat(40))],
    ['too few fields', udpRow.slice(0, 90)],
    ['no drops', udpRow.replace('55921', '')],
    ['bytes of all kinds', '\0\u00ff: \r\t:'],
  ])('passes over %s and reads the next', (_what, line) => {
    const { seen } = rows('udp', `${line.replace(/\n$/, '')}\n${udp6Row}`);
    expect(seen.map(({ inode }) => inode)).toEqual([80_214]);
  });

  it('an address of another length has no text', () => {
    const [row] = rows('udp', udpRow.replace('0100007F', '0100007F01')).seen;
    expect(row).toMatchObject({ address: '', localPort: 5060 });
  });

  it('on a machine that has the high byte first, words are printed in the order of the address', () => {
    const bytes = Buffer.from(udpRow.replace('0100007F', '7F000001'), 'latin1');
    const seen: string[] = [];
    readRows('udp', bytes, bytes.length, (row) => seen.push(rowAddress(bytes, row, false)));
    expect(seen).toEqual(['127.0.0.1']);
  });

  it('never throws and never reads past the end, whatever the bytes', () => {
    const pieces = fc.constantFrom(udpHead, udpRow, udp6Row, listening, ' ', '\n', ':', '0A', 'G', '-');
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string())), fc.nat(400), (parts, cut) => {
        const bytes = Buffer.from(parts.join(''), 'latin1');
        const end = Math.min(cut, bytes.length);
        const rest = readRows('udp', bytes, end, (row) => {
          expect(row.addressEnd).toBeLessThanOrEqual(end);
          expect(row.inode).toBeGreaterThanOrEqual(0);
        });
        expect(rest).toBeLessThanOrEqual(end);
        expect(bytes.subarray(rest, end).includes(10)).toBe(false);
      }),
    );
  });
});
