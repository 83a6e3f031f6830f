// Why there is no way to a neighbour, in words.
import { describe, expect, it } from 'vitest';
import { openChannel, reasonOf } from '../../src/probe/channel.ts';

const events = { onBytes: () => {}, onFailure: () => {} };

describe('a channel that cannot be opened', () => {
  // a name that no name server has to be asked for
  it.each(['udp', 'tcp', 'tls'] as const)('as there is no such name: %s', async (transport) => {
    await expect(openChannel({ transport, host: 'a..b', port: 5060 }, events)).rejects.toThrow(/^no such host$/);
  });

  it('as the kernel forbids it', async () => {
    const opened = openChannel({ transport: 'udp', host: '255.255.255.255', port: 5060 }, events);
    await expect(opened).rejects.toThrow(/^connect EACCES 255\.255\.255\.255:5060$/);
  });

  it.each([
    ['ECONNREFUSED', '', 'nobody listens there'],
    // of several addresses of a name: Node's error has no message then
    ['ETIMEDOUT', '', 'it does not answer'],
    ['ENETDOWN', '', 'ENETDOWN'],
    [undefined, 'self-signed\n certificate', 'self-signed certificate'],
  ])('for an error with the code %s and the message %j', (code, message, words) => {
    expect(reasonOf(Object.assign(new Error(message), code === undefined ? {} : { code }))).toBe(words);
  });
});
