import { expect, it } from 'vitest';
import { StackListeners } from '../../../src/engine/drachtio/stack-listeners.ts';
import { configOf } from '../../edge/settings.ts';

const listeners = new StackListeners(
  configOf({
    interfaces: {
      south: {
        listen: ['udp:192.0.2.1:5060', 'wss:192.0.2.1:5060', 'udp:[2001:db8::1]:5060'],
        advertise: 'sip.example.net',
      },
    },
    rest: { engine: 'drachtio' },
  }),
);
const texts = (all: readonly { transport: string; host: string }[]) => all.map((one) => `${one.transport} ${one.host}`);

it('a request came in by the interface that names its address, by protocol where there are several', () => {
  expect(listeners.at('udp', '192.0.2.1', 5060)).toMatchObject({ interfaceName: 'south', transport: 'udp' });
  expect(listeners.at('wss', '192.0.2.1', 5060)).toMatchObject({ interfaceName: 'south', transport: 'wss' });
  expect(listeners.at('tcp', '192.0.2.1', 5060)).toMatchObject({ interfaceName: 'south', transport: 'udp' });
  expect(listeners.at('udp', '2001:db8::1', 5060)).toMatchObject({ family: 6 });
  expect(listeners.at('udp', '10.0.0.1', 5050)).toMatchObject({ interfaceName: 'core' });
  expect(listeners.at('udp', '192.0.2.1', 5061)).toBeUndefined();
});

it('says which addresses the server does not have, and which no interface names', () => {
  const has = [
    { protocol: 'udp', host: '192.0.2.1', port: 5060 },
    { protocol: 'tcp', host: '192.0.2.1', port: 5060 },
  ] as const;
  expect(texts(listeners.missingFrom(has))).toEqual([
    'wss 192.0.2.1',
    'udp 2001:db8::1',
    'udp 192.0.2.2',
    'udp 192.0.2.3',
    'udp 192.0.2.4',
    'udp 10.0.0.1',
    'tcp 10.0.0.1',
  ]);
  expect(listeners.unnamed(has)).toEqual([has[1]]);
});

it('is named by what the server is known as outside', () => {
  expect(listeners.listeners.map((one) => `${one.advertisedHost}:${one.advertisedPort}`).slice(0, 4)).toEqual([
    'sip.example.net:5060',
    'sip.example.net:5060',
    'sip.example.net:5060',
    '192.0.2.2:5060',
  ]);
});
