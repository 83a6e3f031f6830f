// Where orders may be sent, so that nobody has the orchestrator reach what he cannot reach himself (server-side request forgery):
// the loopback, and hosts that the configuration lists for the application. A name is looked up for each connection and its
// addresses are judged then, so that it cannot come to mean another place after it was accepted.
import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** What no listed name may mean: ourselves by another name, the neighbourhood of a link (metadata services), groups. */
const never = new BlockList();
never.addSubnet('0.0.0.0', 8, 'ipv4');
never.addSubnet('169.254.0.0', 16, 'ipv4');
never.addSubnet('224.0.0.0', 3, 'ipv4');
never.addAddress('::', 'ipv6');
never.addSubnet('fe80::', 10, 'ipv6');
never.addSubnet('ff00::', 8, 'ipv6');

/** Why orders may not be sent there, as what is allowed; undefined: they may. `allowedHosts`: of the application. */
export function refuseCallback(url: string, allowedHosts: readonly string[]): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) return 'allowed: an http or https URL';
  if (parsed.username !== '' || parsed.password !== '') return 'allowed: a URL without a user; use callback.token';
  if (parsed.hash !== '') return 'allowed: a URL without a fragment';
  const host = hostOf(parsed);
  const isAllowed =
    isIP(host) === 0 ? host === 'localhost' || isListed(host, allowedHosts) : isAllowedAddress(host, allowedHosts);
  return isAllowed ? undefined : `allowed: an address on the loopback${allowedHosts.map((one) => `, ${one}`).join('')}`;
}

/** For connections to the host of an accepted URL; numeric hosts are not looked up. */
export function guardedLookup(
  allowedHosts: readonly string[],
  lookup: typeof systemLookup = systemLookup,
): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0);
      const isName = isListed(hostname, allowedHosts);
      const good = found.filter(({ address }) => (isName ? !isIn(never, address) : isIn(loopback, address)));
      const [first] = good;
      if (first === undefined) {
        const reason = new Error(`${hostname} has no address that orders may be sent to`) as NodeJS.ErrnoException;
        reason.code = 'EADDRNOTAVAIL';
        return callback(reason, '', 0);
      }
      if (options.all === true) callback(null, good);
      else callback(null, first.address, first.family);
    });
  };
}

/** Without the brackets of IPv6 and the dot of the root. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

const isAllowedAddress = (address: string, allowedHosts: readonly string[]): boolean =>
  isIn(loopback, address) || (isListed(address, allowedHosts) && !isIn(never, address));

const isListed = (host: string, allowedHosts: readonly string[]): boolean =>
  allowedHosts.some((one) => one.toLowerCase() === host.replace(/\.$/, '').toLowerCase());

const isIn = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
