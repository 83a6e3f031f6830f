// Collectors of HEP packets and of spans that take everything and keep nothing.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openDatagrams } from '../peers/datagram.ts';
import type { Lab } from '../peers/lab-test.ts';

/** Sections of an edge's configuration that send to them. */
export async function collectorSections(lab: Lab): Promise<Readonly<Record<string, unknown>>> {
  const homer = await openDatagrams();
  const spans = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => spans.listen(0, '127.0.0.1', resolve));
  lab.onEnd(() => {
    homer.close();
    spans.closeAllConnections();
    spans.close();
  });
  return {
    capture: { hep: { address: `udp:127.0.0.1:${homer.port}` } },
    tracing: { otlp: `http://127.0.0.1:${(spans.address() as AddressInfo).port}` },
  };
}
