// GET /v1/refusals: what is told of the last refusals, to whom, and how they are looked for.
import { describe, expect, it } from 'vitest';
import { calledOf, shownNumber } from '../../src/admin/refusal-json.ts';
import { refusalsText } from '../../src/admin/refusals-text.ts';
import { createAdmin } from '../../src/admin/server.ts';
import { whyText } from '../../src/admin/why-text.ts';
import { reasons } from '../../src/admission/reasons.ts';
import type { Refused, ThrottleMark } from '../../src/admission/refusal-ring.ts';
import { optionsWith } from './options.ts';

const throttle: ThrottleMark = {
  mode: 'L3',
  causes: ['arrivals', 'switch-capacity'],
  ordinaryPerSecond: 63.25,
  boundaryPerSecond: Number.POSITIVE_INFINITY,
  indicators: [{ name: 'arrivals', interface: 'south', value: 11.2344, proposes: 'L3' }],
};

const refused: Refused = {
  ...{ order: 7, atMs: 900, interface: 'south', neighbour: '', source: '198.51.100.7:5060', method: 'INVITE' },
  ...{ class: 'new-call', decision: 'reject', reason: 'share', status: 503, retryAfter: 12, oneIn: 1 },
  ...{ uri: 'sip:+1-555-000-1111@example.net', callId: 'abc@phone', throttle },
  ...{ interfaceSharePerSecond: 40, neighbourSharePerSecond: Number.POSITIVE_INFINITY },
};

const clocks = { nowMs: 1000, unixMs: Date.parse('2026-11-23T20:00:00.000Z') };

function setUp(
  all: readonly Refused[],
  some: { access?: ReturnType<typeof optionsWith>['access']; numbers?: 'full' | 'masked' | 'none' } = {},
) {
  const last = {
    ...{ length: all.length, seen: 4000, oneIn: 40 },
    // the orders are all the same: by place
    read(limit: number, matches: (one: Refused) => boolean, before: number, rows: number) {
      const from = before === Number.POSITIVE_INFINITY ? 0 : before;
      const found = all
        .slice(from, from + rows)
        .filter(matches)
        .slice(0, limit);
      return { found, before: from + rows < all.length ? from + rows : undefined };
    },
  };
  const { numbers = 'full', access = { isLoopback: true, tokens: [] } } = some;
  const server = createAdmin(optionsWith({ access, refusals: { last, numbers, clocks: () => clocks } }));
  return async (query = '', headers: Record<string, string> = {}) => {
    const answer = await server.inject({ url: `/v1/refusals${query}`, headers });
    return { status: answer.statusCode, headers: answer.headers, body: answer.json() };
  };
}

describe('the answer', () => {
  it('says what was decided, when, by which limit, and what was in force', async () => {
    const { status, headers, body } = await setUp([refused])();
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toEqual({
      kept: 1,
      seen: 4000,
      sampledRatio: 0.025,
      entries: [
        {
          ...{ sequence: 7, at: '2026-11-23T19:59:59.900Z', interface: 'south', neighbour: '' },
          ...{ source: '198.51.100.7:5060', method: 'INVITE', class: 'new-call', decision: 'reject' },
          ...{ reason: 'share', status: 503, retryAfterSeconds: 12, number: '+1-555-000-1111', callId: 'abc@phone' },
          throttle: {
            ...{ mode: 'L3', ordinaryCallsPerSecond: 63.25, boundaryPerSecond: null, interfaceSharePerSecond: 40 },
            ...{ neighbourSharePerSecond: null, causes: ['arrivals', 'switch-capacity'] },
          },
          indicators: [{ name: 'arrivals', ratio: 11.234, proposes: 'L3' }],
          shadow: false,
          oneIn: 1,
          why: 'the share of south in what the switches can do, 40/s, was used up, and nothing more could wait; running mode L3 because of arrivals, switch-capacity',
        },
      ],
    });
  });

  it('has null for what there was not, before the first throttle too', async () => {
    const dropped = { ...refused, decision: 'drop', reason: 'pushback-drop', status: 0, retryAfter: 0 } as const;
    const { body } = await setUp([{ ...dropped, throttle: undefined, interfaceSharePerSecond: Infinity }])();
    expect(body.entries[0]).toMatchObject({ status: null, retryAfterSeconds: null, indicators: [] });
    expect(body.entries[0].throttle).toEqual({
      ...{ mode: 'L0', ordinaryCallsPerSecond: null, boundaryPerSecond: null, interfaceSharePerSecond: null },
      ...{ neighbourSharePerSecond: null, causes: [] },
    });
  });

  it('says what the host allows, where an orchestrator has set a boundary', async () => {
    const bound = { ...refused, throttle: { ...throttle, boundaryPerSecond: 553.6 } };
    const { body } = await setUp([bound])();
    expect(body.entries[0].throttle.boundaryPerSecond).toBe(553.6);
    expect(body.entries[0].why).toMatch(/because of arrivals, switch-capacity; the host allows 554\/s$/);
    expect(refusalsText(body)).toContain('all ordinary calls 63.3/s, the host allows 554/s, south 40/s\n');
  });

  it('marks what shadow mode let through', async () => {
    const { body } = await setUp([{ ...refused, decision: 'forward', status: 0, retryAfter: 0 }])();
    expect(body.entries[0]).toMatchObject({ shadow: true, decision: 'forward', status: null });
  });
});

describe('what is looked for', () => {
  const all: Refused[] = [
    refused,
    { ...refused, callId: 'xyz@trunk', uri: 'sip:5550001111@x', interface: 'east', reason: 'gap' },
    { ...refused, callId: 'bob@phone', uri: 'sip:bob@x', reason: 'expired' },
  ];

  it.each([
    ['', ['abc@phone', 'xyz@trunk', 'bob@phone']],
    ['?limit=2', ['abc@phone', 'xyz@trunk']],
    ['?number=%2B1 (555) 000-1111', ['abc@phone', 'xyz@trunk']],
    ['?number=5550001111', ['abc@phone', 'xyz@trunk']],
    ['?number=0001', ['abc@phone', 'xyz@trunk']],
    ['?number=BOB', ['bob@phone']],
    ['?number=9', []],
    ['?callId=phone', ['abc@phone', 'bob@phone']],
    ['?callId=PHONE', []],
    ['?reason=gap', ['xyz@trunk']],
    ['?interface=east', ['xyz@trunk']],
    ['?interface=south&reason=expired', ['bob@phone']],
  ])('%s', async (query, found) => {
    const { body } = await setUp(all)(query.replaceAll(' ', '%20'));
    expect(body.entries.map(({ callId }: { callId: string }) => callId)).toEqual(found);
  });

  it('a Call-ID that is longer than what is kept is found by its beginning', async () => {
    const long = 'c'.repeat(150);
    const { body } = await setUp([{ ...refused, callId: long.slice(0, 96) }])(`?callId=${long}`);
    expect(body.entries).toHaveLength(1);
  });

  it('also among many, a few hundred at a time', async () => {
    const many = Array.from({ length: 900 }, (_, i) => ({ ...refused, callId: `call-${i}` }));
    const { body } = await setUp(many)('?callId=call-89&limit=4');
    expect(body.entries.map(({ callId }: { callId: string }) => callId)).toEqual([
      ...['call-89', 'call-890', 'call-891', 'call-892'],
    ]);
  });

  it.each([
    ['?limit=0', 'limit: '],
    ['?limit=1001', 'limit: '],
    ['?limit=x', 'limit: '],
    ['?reason=none', 'reason: '],
    ['?interface=up', 'interface: '],
    ['?number=', 'number: '],
    ['?colour=red', 'the query: '],
    ['?reason=gap&reason=share', 'reason: '],
  ])('%s is refused with what is wrong', async (query, begin) => {
    const { status, headers, body } = await setUp(all)(query);
    expect([status, headers['content-type']]).toEqual([400, 'application/problem+json; charset=utf-8']);
    expect(body.detail.startsWith(begin)).toBe(true);
  });
});

describe('numbers', () => {
  it.each([
    ['sip:+1-555-000-1111@example.net', '+1-555-000-1111', '+1-555-000-****'],
    ['sips:5550001111;phone-context=x@h', '5550001111', '555000****'],
    ['sip:911@h', '911', '***'],
    ['sip:5550001111:secret@h', '5550001111', '555000****'],
    ['tel:+15550001111;isub=9', '+15550001111', '+1555000****'],
    ['urn:service:sos.fire', 'urn:service:sos.fire', 'urn:service:sos.fire'],
    ['sip:%2B15550001111@h', '+15550001111', '+1555000****'],
    ['sip:bob@h', 'bob', 'bob'],
    ['sip:h:5060', '', ''],
    // as far as it was kept: 48 bytes
    [`sip:${'9'.repeat(44)}`, '9'.repeat(44), `${'9'.repeat(40)}****`],
    ['', '', ''],
  ])('%s', (uri, full, masked) => {
    expect(calledOf(uri)).toBe(full);
    expect([shownNumber(uri, 'full'), shownNumber(uri, 'masked'), shownNumber(uri, 'none')]).toEqual([
      full,
      masked,
      null,
    ]);
  });

  it('what is masked is not found by what is hidden', async () => {
    const ask = setUp([refused], { numbers: 'masked' });
    expect((await ask('?number=5550001111')).body.entries).toEqual([]);
    expect((await ask('?number=555000')).body.entries).toMatchObject([{ number: '+1-555-000-****' }]);
  });

  it('where none are shown none are looked for', async () => {
    const ask = setUp([refused], { numbers: 'none' });
    expect((await ask()).body.entries).toMatchObject([{ number: null }]);
    expect((await ask('?number=555')).status).toBe(400);
  });
});

describe('who may read it', () => {
  const token = 'a-token-long-enough';
  const tokens = [{ name: 'token', token }];
  const bearer = { authorization: `Bearer ${token}` };

  it.each([
    ['on the loopback, by its own name', { isLoopback: true, tokens: [] }, {}, 200],
    ['on the loopback, where tokens are configured', { isLoopback: true, tokens }, {}, 200],
    [
      'a name that its owner has pointed to the loopback',
      { isLoopback: true, tokens: [] },
      { host: 'evil.example' },
      403,
    ],
    ['such a name, with the token', { isLoopback: true, tokens }, { host: 'edge.example', ...bearer }, 200],
    ['elsewhere, where no token is configured', { isLoopback: false, tokens: [] }, {}, 403],
    ['elsewhere, without the token', { isLoopback: false, tokens }, {}, 401],
    ['elsewhere, with another', { isLoopback: false, tokens }, { authorization: 'Bearer something-else-long' }, 401],
    ['elsewhere, with the token', { isLoopback: false, tokens }, bearer, 200],
  ])('%s', async (_, access, headers, expected) => {
    const { status, body } = await setUp([refused], { access })('', { host: '127.0.0.1:9464', ...headers });
    expect(status).toBe(expected);
    if (expected !== 200) expect(JSON.stringify(body)).not.toContain('555');
  });
});

describe('in words', () => {
  it('there is a sentence of its own for every reason to refuse', () => {
    const passed = reasons.filter((reason) => whyText({ ...refused, reason }) === 'it was not refused');
    expect(passed).toEqual([
      ...['emergency', 'priority', 'in-dialog', 'admitted', 'from-core', 'options', 'cancelled', 'retransmission'],
      ...['ack-of-refusal', 'ack-of-transaction', 'keep-alive'],
    ]);
    const said = reasons.map((reason) => whyText({ ...refused, reason }));
    expect(new Set(said).size).toBe(reasons.length - passed.length + 1);
  });

  it('a few are explained one by one, many stand in a table, with what is kept below', async () => {
    const { body } = await setUp([refused])();
    expect(refusalsText(body).split('\n')).toEqual([
      '2026-11-23T19:59:59.900Z  INVITE (new-call) to +1-555-000-1111, from south at 198.51.100.7:5060',
      '  reason      share: the share of south in what the switches can do, 40/s, was used up, and nothing more could wait; running mode L3 because of arrivals, switch-capacity',
      '  answer      503, retry after 12 s',
      '  Call-ID     abc@phone',
      '  throttle    L3 because of arrivals, switch-capacity; all ordinary calls 63.3/s, south 40/s',
      '  indicators  arrivals 1123 % (proposes L3)',
      '',
      'kept: 1 of the 4000 since the start, and of those that come now one in 40',
    ]);
    const many = await setUp([refused, refused, refused, refused])();
    const [head, row] = refusalsText(many.body).split('\n');
    expect(head).toMatch(/^TIME +FROM +SOURCE +METHOD +CLASS +NUMBER +ANSWER +REASON +MODE +CALL-ID$/);
    expect(row).toMatch(/^19:59:59\.900 +south .* \+1-555-000-1111 +503, retry after 12 s +share +L3 +abc@phone$/);
  });

  it('nothing that a caller has sent steers the terminal', async () => {
    const evil = { ...refused, callId: '\u001b[2J\u009b31m', uri: 'sip:%1B]0;x\u0007@h' };
    for (const all of [[evil], [evil, evil, evil, evil]]) {
      const text = refusalsText((await setUp(all)()).body);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is about
      expect(text.replaceAll('\n', '')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
    }
  });
});
