// The visitors of the demo's web applications as a process: so many requests a second to each, whatever comes back. Ends when its
// standard input is closed.
import { Pool } from 'undici';

export interface VisitorsOrder {
  readonly urls: readonly string[];
  readonly requestsPerSecond: number;
}

/** More than these do not wait at one application: visitors go away. */
const mostUnderWay = 64;
const timeoutMs = 2000;

const { urls, requestsPerSecond } = JSON.parse(process.argv[2] ?? '{}') as VisitorsOrder;
const everyMs = 1000 / requestsPerSecond;

for (const url of urls) {
  const pool = new Pool(new URL(url).origin, { connections: mostUnderWay, headersTimeout: timeoutMs });
  let underWay = 0;
  let dueMs = performance.now();
  const visit = async (): Promise<void> => {
    underWay++;
    try {
      const { body } = await pool.request({ method: 'GET', path: '/' });
      await body.dump();
    } catch {
      // refused, slow, suspended: what an application that has no time is like
    } finally {
      underWay--;
    }
  };
  setInterval(() => {
    // after a stall what was missed is not made up for
    dueMs = Math.max(dueMs, performance.now() - 100);
    for (; dueMs <= performance.now(); dueMs += everyMs) if (underWay < mostUnderWay) void visit();
  }, 10);
}
process.stdin.on('end', () => process.exit(0)).resume();
