// A suite that needs real peers: skipped where one is missing. Why was printed by install.ts, which under CI=true has
// already failed the whole run.
import { describe } from 'vitest';
import { missingPeers } from './install.ts';

const missing = missingPeers();

export function peerSuite(name: string, body: () => void): void {
  describe.skipIf(missing.length > 0)(missing.length > 0 ? `${name} (missing: ${missing.join(', ')})` : name, body);
}
