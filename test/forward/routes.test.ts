import { describe, expect, it } from 'vitest';
import { keepRoutes, routeUriText, routeValues, takeOwnRoutes } from '../../src/forward/routes.ts';
import { Edits } from '../../src/sip/edits.ts';
import { Writer } from '../../src/sip/writer.ts';
import { invite, peekText } from '../sip/peek-text.ts';

const via = 'Via: SIP/2.0/UDP a';
const request = (lines: readonly string[]) => peekText(invite([via, ...lines]));

function taken(...lines: string[]) {
  const p = request(lines);
  const edits = new Edits();
  const found = takeOwnRoutes(p, (_, uri) => p.text(uri.hostStart, uri.hostEnd) === 'us', edits);
  const w = new Writer(new Uint8Array(4096));
  edits.write(w, p.bytes, p.start, p.end);
  const text = Buffer.from(w.bytes.subarray(0, w.at)).toString('latin1');
  return {
    own: found.own.map((uri) => p.text(uri.userStart, uri.userEnd)),
    next: found.next && p.text(found.next.uri.hostStart, found.next.uri.hostEnd),
    isBroken: found.isBroken,
    left: text.split(/\r\n(?![ \t])/).filter((line) => /^route/i.test(line)),
    isWhole: text.startsWith('INVITE ') && text.endsWith('CSeq: 7 INVITE\r\n\r\n'),
  };
}

describe('routes of ours at the top go', () => {
  const next = { own: ['1'], next: 'x', isBroken: false, isWhole: true };
  it.each<[string, string[], object]>([
    ['none', ['Route: <sip:x;lr>'], { ...next, own: [], left: ['Route: <sip:x;lr>'] }],
    ['a whole line', ['Route: <sip:1@us;lr>', 'Route: <sip:x;lr>'], { ...next, left: ['Route: <sip:x;lr>'] }],
    [
      'the head of a joined line',
      ['Route: <sip:1@us;lr> , "x, <y>" <sip:x;lr>;p=",",<sip:us>'],
      { ...next, left: ['Route: "x, <y>" <sip:x;lr>;p=",",<sip:us>'] },
    ],
    [
      'two in one line',
      ['Route: <sip:1@us;lr>,<sip:2@us>,<sip:x>'],
      { ...next, own: ['1', '2'], left: ['Route: <sip:x>'] },
    ],
    [
      'two lines',
      ['Route: <sip:1@us;lr>', 'Route: <sip:2@us>', 'Route: <sip:x>'],
      { ...next, own: ['1', '2'], left: ['Route: <sip:x>'] },
    ],
    [
      'a line and the head of the next',
      ['Route: <sip:1@us>', 'Subject: y', 'Route: <sip:2@us>, <sip:x>'],
      { ...next, own: ['1', '2'], left: ['Route: <sip:x>'] },
    ],
    [
      'all four of a hair-pin',
      ['Route: <sip:1@us>, <sip:2@us>', 'Route: <sip:3@us>,<sip:4@us>'],
      { ...next, own: ['1', '2', '3', '4'], next: undefined, left: [] },
    ],
    [
      'not one behind another’s',
      ['Route: <sip:1@us>, <sip:x>, <sip:2@us>'],
      { ...next, left: ['Route: <sip:x>, <sip:2@us>'] },
    ],
    ['folded', ['Route:\r\n <sip:1@us>\r\n ,\r\n <sip:x>'], { ...next, left: ['Route:\r\n <sip:x>'] }],
    ['without brackets', ['Route: sip:1@us, sip:x'], { ...next, left: ['Route: sip:x'] }],
  ])('%s', (_, lines, expected) => {
    expect(taken(...lines)).toEqual(expected);
  });
});

it.each(['<sip:', '<sip:x', '"open <sip:x>', 'x', '<>', '', '<sip:x>,', ',<sip:x>', '<http//x>', '<sip:1@us>, <sip:x'])(
  'says that %j is no route',
  (value) => {
    expect(taken(`Route: ${value}`).isBroken || taken(`Route: ${value}`).next === 'x').toBe(true);
    if (!value.endsWith(',')) expect(taken(`Route: ${value}`).isBroken).toBe(true);
  },
);

it('tells every value, and the last', () => {
  const p = request(['Route: <sip:1>, <sip:2;x>;y', 'Route: "n" <sip:3>']);
  expect(routeValues(p).map((value) => [p.text(value.start, value.end), routeUriText(p, value)])).toEqual([
    ['<sip:1>', 'sip:1'],
    ['<sip:2;x>;y', 'sip:2;x'],
    ['"n" <sip:3>', 'sip:3'],
  ]);
});

it('leaves the routes that are to be kept, in one line at the place of the first', () => {
  const p = request(['Route: <sip:1>, <sip:2;x>;y', 'X: y', 'Route: "n" <sip:3>']);
  const kept = (from: number, to: number, last?: string) => {
    const w = new Writer(new Uint8Array(4096));
    keepRoutes(p, routeValues(p).slice(from, to), last).write(w, p.bytes, p.headersStart, p.bodyStart);
    const text = Buffer.from(w.bytes.subarray(0, w.at)).toString('latin1');
    return text.split('\r\n').slice(0, 3);
  };
  expect(kept(1, 3)).toEqual([via, 'Route: <sip:2;x>;y, "n" <sip:3>', 'X: y']);
  expect(kept(1, 2, 'sip:t;z')).toEqual([via, 'Route: <sip:2;x>;y, <sip:t;z>', 'X: y']);
  expect(kept(0, 0, 'tel:1')).toEqual([via, 'Route: <tel:1>', 'X: y']);
  expect(kept(0, 0)).toEqual([via, 'X: y', 'Max-Forwards: 70']);
});
