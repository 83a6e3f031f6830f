import { expect, it } from 'vitest';
import { findToLine, parseAnswer } from '../../src/lab/answer-scan.ts';
import { callTemplates, writeTemplate } from '../../src/lab/call-text.ts';
import { fillValues, isPriority, sourceAddress } from '../../src/lab/call-values.ts';
import { scanLines } from '../../src/lab/scan-lines.ts';

const options = {
  sources: 3_375_000,
  firstSource: 0,
  callsInRow: 1,
  hotNumber: 8_005_550_100,
  hotRatio: 0.5,
  priorityRatio: 0.25,
};
const templates = callTemplates({ target: '127.0.0.1:5060', run: 'abc123', resourcePriority: 'ets.0' });
const values = { index: 0, port: 0, octet1: 0, octet2: 0, octet3: 0, from: 0, called: 0 };
const out = Buffer.alloc(2048);

function write(index: number): string {
  fillValues(values, index, 40_001, options);
  return out.toString('latin1', 0, writeTemplate(templates.invite, values, out, 0));
}

it('writes whole INVITEs of about 600 bytes, distinct in caller, Call-ID, branch and tag', () => {
  const seen = { from: new Set<string>(), callId: new Set<string>(), via: new Set<string>() };
  let hot = 0;
  for (let i = 0; i < 5000; i++) {
    const text = write(i * 677);
    if (i === 0) expect(text.length).toBeGreaterThan(500);
    const scanned = scanLines(Buffer.from(text, 'latin1'))!;
    expect(text.length - scanned.bodyStart).toBe(Number(/Content-Length: (\d+)/.exec(text)?.[1]));
    seen.from.add(text.slice(scanned.from.start, scanned.from.end));
    seen.callId.add(scanned.callId);
    seen.via.add(text.slice(scanned.viaLines[0]!.start, scanned.viaLines[0]!.end));
    if (scanned.uri === 'sip:8005550100@127.0.0.1:5060') hot++;
    else expect(scanned.uri).toMatch(/^sip:212[2-9]\d{6}@127\.0\.0\.1:5060$/);
    expect(text).toContain('Resource-Priority: ets.0\r\n');
  }
  expect([seen.from.size, seen.callId.size, seen.via.size]).toEqual([5000, 5000, 5000]);
  expect(hot).toBeGreaterThan(2200);
  expect(hot).toBeLessThan(2800);
});

it('gives a retransmission the same bytes', () => {
  expect(write(123_456)).toBe(write(123_456));
});

it('takes sources in turn, and names in Via where it sends from', () => {
  const text = write(150 * 150 + 2);
  expect(text).toContain('Via: SIP/2.0/UDP 127.101.100.102:40001;');
  expect(sourceAddress(values)).toBe(0x7f656466);
});

it('chooses the share of priority calls', () => {
  let count = 0;
  for (let i = 0; i < 10_000; i++) if (isPriority(i, options)) count++;
  expect(count).toBeGreaterThan(2300);
  expect(count).toBeLessThan(2700);
});

it('knows the answer to its own request again, and no other', () => {
  const via = /Via: .*\r\n/.exec(write(0xfedcba98))![0];
  const text = `SIP/2.0 503 Service Unavailable\r\n${via}From: <sip:a>;tag=1\r\nTo: <sip:b>;tag=2\r\n\r\n`;
  const bytes = Buffer.from(`xx${text}`, 'latin1');
  const answer = { status: 0, kind: 0, index: 0, afterBranch: 0 };
  expect(parseAnswer(bytes, 2, bytes.length, Buffer.from('abc123'), answer)).toBe(true);
  expect(answer).toMatchObject({ status: 503, kind: 'i'.charCodeAt(0), index: 0xfedcba98 });
  const line = findToLine(bytes, answer.afterBranch, bytes.length);
  expect(bytes.toString('latin1', line, line + 14)).toBe('To: <sip:b>;ta');
  expect(parseAnswer(bytes, 2, bytes.length, Buffer.from('other1'), answer)).toBe(false);
  expect(parseAnswer(bytes, 0, bytes.length, Buffer.from('abc123'), answer)).toBe(false);
});
