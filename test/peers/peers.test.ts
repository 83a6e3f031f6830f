// The harness itself: what it reads out of SIPp and the metrics page is what they say.
import { describe, expect, it } from 'vitest';
import { startChild } from './child.ts';
import { requestText } from './datagram.ts';
import { parseMetrics } from './metrics.ts';
import { freePort } from './ports.ts';
import { parseStatistics } from './sipp.ts';
import { waitFor } from './wait.ts';

describe('harness', () => {
  it('reads the last row of SIPp statistics by column name', () => {
    const header =
      'StartTime;TotalCallCreated;SuccessfulCall(C);FailedCall(C);Retransmissions(C);FailedUnexpectedMessage(C);GenericCounter1(C);';
    const csv = `${header}\nx;1;0;0;0;0;1;\ny;7;5;2;3;1;6;\n`;
    expect(parseStatistics(csv)).toEqual({
      created: 7,
      successful: 5,
      failed: 2,
      retransmissions: 3,
      unexpected: 1,
      calls: 6,
      refused: 0,
    });
    expect(parseStatistics(header)).toBeUndefined();
  });

  it('sums samples by their labels', () => {
    const metrics = parseMetrics(
      '# HELP a b\n# TYPE a counter\na{x="1",y="a\\"b,c"} 2\na{x="1",y="d"} 3\na{x="2"} 10\nb 1.5e3\n',
    );
    expect(metrics.sum('a')).toBe(15);
    expect(metrics.sum('a', { x: '1' })).toBe(5);
    expect(metrics.sum('a', { x: '1', y: 'd' })).toBe(3);
    expect(metrics.sum('b')).toBe(1500);
    expect(metrics.sum('none')).toBe(0);
  });

  it('never hands out a port twice', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
    expect(new Set(ports).size).toBe(50);
  });

  it('waits for a condition, and says what it waited for', async () => {
    let turns = 0;
    await expect(waitFor('three turns', () => (++turns === 3 ? turns : undefined), 1_000, 1)).resolves.toBe(3);
    await expect(waitFor('the impossible', () => false, 20, 5)).rejects.toThrow('the impossible');
  });

  it('ends a process that ignores SIGTERM, and what it started', async () => {
    const child = startChild('stubborn', 'sh', ['-c', 'trap "" TERM; sleep 60 & echo $!; wait; wait']);
    const inner = await waitFor('the inner process', () => Number(child.log()) || undefined);
    await child.end(50);
    expect(child.running()).toBe(false);
    // Gone, or a zombie that init has yet to collect.
    await waitFor('the inner process to be gone', () => {
      try {
        process.kill(inner, 0);
        return false;
      } catch {
        return true;
      }
    });
  });

  it('writes requests whose Content-Length is right', () => {
    const text = requestText({ host: '::1', port: 5, body: 'abc', headers: ['X-A: 1'] });
    expect(text).toMatch(/^Via: SIP\/2\.0\/UDP \[::1\]:5;/m);
    expect(text).toMatch(/\r\nX-A: 1\r\nContent-Length: 3\r\n\r\nabc$/);
  });
});
