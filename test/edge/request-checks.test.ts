// What is wrong with a request itself (RFC 3261 §16.3), OPTIONS (§11), keep-alives, and broken streams.
import { describe, expect, it } from 'vitest';
import { World } from './harness.ts';
import { Message, type RequestParts, request, response, sameTransaction } from './message.ts';
import type { EdgeOptions } from './settings.ts';

function open(options: EdgeOptions = {}) {
  const world = new World(options);
  return { world, alice: world.flow('south', '198.51.100.7') };
}

/** One request in; the only message that comes out. */
function answerTo(given: Partial<RequestParts>, alter: (text: string) => string = (text) => text): Message {
  const { world, alice } = open();
  world.receive(alice, alter(request(given)));
  expect(world.calls.open).toBe(0);
  return world.only(alice);
}

describe('OPTIONS to the edge', () => {
  it.each(['sip:192.0.2.1', 'sip:192.0.2.1:5060', 'sip:192.0.2.1:5060;transport=tcp'])(
    'RFC 3261 §11.2: %s: 200 with Allow and Accept, at once',
    (uri) => {
      const answer = answerTo({ method: 'OPTIONS', uri });
      expect(answer.status).toBe(200);
      expect(answer.one('Allow')).toContain('INVITE');
      expect(answer.one('Accept')).toBe('application/sdp');
      expect(answer.toTag).toBeDefined();
    },
  );

  it('RFC 3261 §16.3 step 3: the last hop answers', () => {
    expect(answerTo({ method: 'OPTIONS', uri: 'sip:carol@example.test', maxForwards: 0 }).status).toBe(200);
  });

  it('meets no limit', () => {
    const { world, alice } = open({ admission: { nonEssentialBurst: 1, nonEssentialPerSecond: 1 } });
    for (let i = 0; i < 20; i++) world.receive(alice, request({ method: 'OPTIONS', uri: 'sip:192.0.2.1' }));
    expect(new Set(world.take(alice).map((m) => m.status))).toEqual(new Set([200]));
    expect(world.count({ decision: 'answer', reason: 'options' })).toBe(20);
  });

  it('with a user goes through to a switch, and its answer back', () => {
    const { world, alice } = open();
    world.receive(alice, request({ method: 'OPTIONS', uri: 'sip:carol@192.0.2.1' }));
    const { flow, message } = world.takeSwitch();
    expect(message.all('Record-Route')).toEqual([]);
    world.receive(flow, response(message, 404));
    expect(world.only(alice).status).toBe(404);
  });
});

describe('refused for what they are', () => {
  it.each([
    ['RFC 3261 §16.3 step 3: Max-Forwards 0', { maxForwards: 0 }, 483, 'too-many-hops'],
    ['RFC 3261 §16.3 step 2: an unknown scheme', { uri: 'gopher:x' }, 416, 'unsupported-scheme'],
    ['RFC 3261 §16.3 step 2: another urn', { uri: 'urn:isbn:0' }, 416, 'unsupported-scheme'],
  ] as const)('%s', (_, given, status, reason) => {
    for (const method of ['INVITE', 'SUBSCRIBE', 'BYE']) {
      const { world, alice } = open();
      world.receive(alice, request({ ...given, method }));
      expect(world.only(alice).status).toBe(status);
      expect(world.count({ decision: 'reject', reason })).toBe(1);
    }
  });

  it('RFC 3261 §16.3 step 5: Proxy-Require: 420 with what we do not support', () => {
    const answer = answerTo({ headers: ['Proxy-Require: foo, \r\n bar', 'proxy-require:baz'] });
    expect(answer.startLine).toBe('SIP/2.0 420 Bad Extension');
    expect(answer.one('Unsupported')).toBe('foo, bar, baz');
    const { world, alice } = open();
    world.receive(alice, request({ headers: ['Proxy-Require:'] }));
    expect(world.takeSwitch().message.method).toBe('INVITE');
  });

  it('RFC 3261 §21.5.6: another version: 505', () => {
    const { world, alice } = open();
    world.receive(alice, request().replace('SIP/2.0\r\n', 'SIP/7.0\r\n'));
    expect(world.only(alice).status).toBe(505);
    expect(world.count({ decision: 'reject', reason: 'bad-version' })).toBe(1);
  });

  it.each([
    ['CSeq without a number', (text: string) => text.replace(/CSeq: .*/, 'CSeq: INVITE')],
    ['CSeq of another method', (text: string) => text.replace(/CSeq: .*/, 'CSeq: 1 BYE')],
    ['two To', (text: string) => text.replace(/(To: .*\r\n)/, '$1$1')],
    ['no To', (text: string) => text.replace(/To: .*\r\n/, '')],
    ['no Call-ID', (text: string) => text.replace(/Call-ID: .*\r\n/, '')],
    ['Max-Forwards 256', (text: string) => text.replace('Max-Forwards: 70', 'Max-Forwards: 256')],
    ['a Route that is no URI', (text: string) => text.replace('Max-Forwards', 'Route: <:>\r\nMax-Forwards')],
    ['a Contact that is none', (text: string) => text.replace(/Contact: .*/, 'Contact: <sip:a@[::g]>')],
    ['Content-Length beyond the datagram', (text: string) => text.replace('Content-Length: 0', 'Content-Length: 9')],
    ['a header line without a colon', (text: string) => text.replace('Max-Forwards: 70', 'Max-Forwards 70')],
  ] as const)('RFC 3261 §21.4.1: %s: 400, malformed', (_, alter) => {
    const { world, alice } = open();
    const text = alter(request());
    world.receive(alice, text);
    const answer = world.only(alice);
    expect(answer.status).toBe(400);
    expect(world.count({ method: 'INVITE', decision: 'reject', reason: 'malformed' })).toBe(1);
    expect(world.calls.open).toBe(0);
  });

  it('RFC 3261 §8.1.3.2: without Via there is nobody to answer', () => {
    const { world, alice } = open();
    world.receive(alice, request().replace(/Via: .*\r\n/, ''));
    expect(world.take()).toEqual([]);
    expect(world.count({ decision: 'drop', reason: 'unanswerable' })).toBe(1);
  });

  it('RFC 3261 §17.1.1.3: a malformed ACK is never answered', () => {
    const { world, alice } = open();
    world.receive(alice, request({ method: 'ACK', toTag: 'x', maxForwards: 0 }));
    world.receive(alice, request({ method: 'ACK', toTag: 'x' }).replace(/CSeq: .*/, 'CSeq: x'));
    world.receive(alice, request({ method: 'ACK', toTag: 'x', uri: 'gopher:x' }));
    expect(world.take()).toEqual([]);
    expect(world.count({ method: 'ACK', decision: 'drop' })).toBe(3);
  });

  it('is counted under its own class, whatever came before', () => {
    const { world, alice } = open();
    world.receive(alice, request({ uri: 'sip:911@example.test' }));
    world.receive(alice, request({ method: 'MESSAGE', maxForwards: 0 }));
    world.receive(alice, request({ method: 'REGISTER', maxForwards: 0 }));
    world.receive(alice, request({ method: 'BYE', toTag: 'x', maxForwards: 0 }));
    expect(
      world
        .decisions()
        .filter((line) => line.includes('reject'))
        .sort(),
    ).toEqual([
      'south BYE in-dialog reject too-many-hops',
      'south MESSAGE non-essential reject too-many-hops',
      'south REGISTER registration reject too-many-hops',
    ]);
  });
});

describe('loops', () => {
  /** The request as it left, sent to us again by somebody downstream. */
  const back = (method: string, alter: (text: string) => string = (text) => text) => {
    const { world, alice } = open();
    world.receive(alice, request({ method, uri: 'sip:carol@example.test' }));
    const { flow, message } = world.takeSwitch();
    world.take();
    const via = 'Via: SIP/2.0/UDP 10.0.1.1:5060;branch=z9hG4bKdown;rport\r\nVia:';
    world.receive(world.flow('south', '198.51.100.99'), alter(message.text.replace('Via:', via)));
    return { world, flow, labels: world.take().map((m) => m.label) };
  };

  it('RFC 3261 §16.3 step 4, RFC 5393 §4.2: the same request once more: 482', () => {
    expect(back('INVITE').labels).toEqual(['482']);
    expect(back('MESSAGE').labels).toEqual(['482']);
    expect(back('INVITE').world.count({ decision: 'reject', reason: 'loop' })).toBe(1);
  });

  it('RFC 5393 §4.2: with another Request-URI it is a spiral, and goes on', () => {
    const { labels } = back('MESSAGE', (text) => text.replace('sip:carol@', 'sip:dave@'));
    expect(labels).toEqual(['MESSAGE']);
  });

  it('a Via of ours that is forged is no loop', () => {
    const { labels } = back('MESSAGE', (text) => text.replace(/(z9hG4bKsg.*)[0-9a-f](\r\n)/, '$1x$2'));
    expect(labels).toEqual(['MESSAGE']);
  });
});

describe('what is no message', () => {
  it('RFC 5626 §4.4.1: keep-alives are absorbed', () => {
    const { world, alice } = open();
    for (const text of ['\r\n\r\n', '\r\n', '\0', '\0\0\0\0']) world.receive(alice, text);
    expect(world.take()).toEqual([]);
    expect(world.count({ decision: 'absorb', reason: 'keep-alive' })).toBe(4);
  });

  it('garbage is dropped', () => {
    const { world, alice } = open();
    for (const text of ['hello', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\x16\x03\x01', 'INVITE\r\n\r\n'])
      world.receive(alice, text);
    expect(world.take()).toEqual([]);
    expect(world.count({ decision: 'drop', reason: 'unanswerable' })).toBe(4);
  });

  it('RFC 3261 §7.5: empty lines before a request are skipped', () => {
    const { world, alice } = open();
    world.receive(alice, `\r\n\r\n${request()}`);
    expect(world.takeSwitch().message.startLine).toMatch(/^INVITE /);
  });

  it('RFC 3261 §18.3: what follows Content-Length in a datagram does not go on', () => {
    const { world, alice } = open();
    world.receive(alice, `${request()}${request()}`);
    expect(world.takeSwitch().message.body).toBe('');
  });
});

describe('a stream whose framing failed', () => {
  it('RFC 3261 §18.3: is answered 400 before it is closed, where there is enough to answer', () => {
    const { world } = open();
    const tcp = world.flow('south', '198.51.100.7', 40_000, 'tcp');
    world.fault(
      tcp,
      'bad-content-length',
      request({ transport: 'TCP' }).replace('Content-Length: 0', 'Content-Length: x'),
    );
    expect(world.only(tcp).status).toBe(400);
    expect(world.count({ decision: 'reject', reason: 'malformed' })).toBe(1);
  });

  it('is closed in silence where there is not', () => {
    const { world } = open();
    const tcp = world.flow('south', '198.51.100.7', 40_000, 'tcp');
    world.fault(tcp, 'not-sip', 'GET / HTTP/1.1\r\n\r\n');
    world.fault(tcp, 'too-many-headers', 'INVITE sip:a@b SIP/2.0\r\nX: y\r\n');
    expect(world.take()).toEqual([]);
  });
});

it('RFC 3261 §8.2.6.2: the ACK of an answer of ours is absorbed, of whatever status', () => {
  for (const given of [{ maxForwards: 0 }, { uri: 'gopher:x' }, { headers: ['Proxy-Require: x'] }]) {
    const { world, alice } = open();
    const invite = request(given);
    world.receive(alice, invite);
    const answer = world.only(alice);
    world.receive(alice, sameTransaction(new Message(invite).text, 'ACK', answer));
    expect(world.take()).toEqual([]);
    expect(world.count({ method: 'ACK', decision: 'absorb', reason: 'ack-of-refusal' })).toBe(1);
  }
});
