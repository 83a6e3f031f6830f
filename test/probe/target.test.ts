// Whom to call through, as it is written.
import { describe, expect, it } from 'vitest';
import { probeTarget } from '../../src/probe/target.ts';

describe('probeTarget', () => {
  it.each([
    ['udp:192.0.2.1:5060', 'sip', 'udp:192.0.2.1:5060', '192.0.2.1:5060'],
    ['192.0.2.1:5060', 'sip', 'udp:192.0.2.1:5060', '192.0.2.1:5060'],
    ['tcp:[::1]:5060', 'sip', 'tcp:[::1]:5060', '[::1]:5060'],
    ['tls:edge.example.test:5061', 'sip', 'tls:edge.example.test:5061', 'edge.example.test:5061'],
    ['ws://192.0.2.1:8080', 'web', 'ws://192.0.2.1:8080', '192.0.2.1:8080'],
    ['ws:192.0.2.1:8080', 'web', 'ws://192.0.2.1:8080', '192.0.2.1:8080'],
    ['wss://edge.example.test/sip', 'web', 'wss://edge.example.test/sip', 'edge.example.test:443'],
    ['ws://edge.example.test', 'web', 'ws://edge.example.test', 'edge.example.test:80'],
    ['wss://[::1]:8443', 'web', 'wss://[::1]:8443', '[::1]:8443'],
  ])('%s', (text, kind, shown, hostPort) => expect(probeTarget(text)).toMatchObject({ kind, text: shown, hostPort }));

  it.each([
    '',
    'udp:',
    'udp:192.0.2.1',
    '192.0.2.1:0',
    'sip:192.0.2.1:5060',
    'http://192.0.2.1:80',
    'ws://',
    'ws://a b',
  ])('refuses %j', (text) => expect(() => probeTarget(text)).toThrow(`${text} is not udp:HOST:PORT, tcp:HOST:PORT`));
});
