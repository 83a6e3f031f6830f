// A suite that needs real peers: skipped where one is missing. Why was printed by install.ts, which under CI=true has
// already failed the whole run.
import { describe } from 'vitest';
import { type ClientName, missingClients, missingCollectors, missingPeers } from './install.ts';

const missing = missingPeers();

const title = (name: string, lacking = missing): string =>
  lacking.length > 0 ? `${name} (missing: ${lacking.join(', ')})` : name;

export function peerSuite(name: string, body: () => void): void {
  describe.skipIf(missing.length > 0)(title(name), body);
}

/** As `peerSuite`, its tests side by side: for those that mostly wait. */
export function concurrentPeerSuite(name: string, body: () => void): void {
  (missing.length > 0 ? describe.skip : describe.concurrent)(title(name), body);
}

/** As `concurrentPeerSuite`, with clients of somebody else's making. */
export function clientSuite(name: string, clients: readonly ClientName[], body: () => void): void {
  const lacking = [...missing, ...missingClients(clients)];
  (lacking.length > 0 ? describe.skip : describe.concurrent)(title(name, lacking), body);
}

/** As `concurrentPeerSuite`, with collectors of captures. */
export function collectorSuite(name: string, body: () => void): void {
  const lacking = [...missing, ...missingCollectors()];
  (lacking.length > 0 ? describe.skip : describe.concurrent)(title(name, lacking), body);
}
