// The double in a process of its own: `tsx drachtio-server-process.ts '{"secret":"…"}'`. Writes one line of JSON with its addresses;
// faults by `POST /fault/NAME` to where its metrics are.
import { type FakeDrachtioOptions, startFakeDrachtio } from './drachtio-server.ts';

const server = await startFakeDrachtio(JSON.parse(process.argv[2] ?? '{}') as FakeDrachtioOptions);
const { host, controlPort, secret, metricsUrl, locals } = server;
process.stdout.write(`${JSON.stringify({ host, controlPort, secret, metricsUrl, locals })}\n`);
process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
