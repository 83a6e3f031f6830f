// Where a drachtio-server takes applications must not be reached by others: it asks for the secret, but serves who never says one.
import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
loopback.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');

/** Names other than localhost are not looked up: they count as another host. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (bare.toLowerCase() === 'localhost') return true;
  const version = isIP(bare);
  return version !== 0 && loopback.check(bare, version === 4 ? 'ipv4' : 'ipv6');
}

/** What speaks against it, to be put after the key's name; '' where nothing does. */
export function controlAddressFault(host: string, allowRemote: boolean): string {
  if (allowRemote || isLoopback(host)) return '';
  return (
    `${host} is not on this host: whoever reaches the control port of a drachtio-server can act as its application, ` +
    'without its secret too (it is asked for, but who never says one is served)'
  );
}

/** Of the secret: its protocol puts a bar between words, and a frame must not pass what the server's ring holds. */
export function secretFault(secret: string): string {
  if (secret === '') return 'is empty';
  return /[|\s\p{Cc}]/u.test(secret) || secret.length > 256 ? 'has a bar, a blank or more than 256 characters' : '';
}
