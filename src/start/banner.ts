// What `surgegate run` prints first: where it listens and what to try.
import type { Config } from '../config/schema.ts';
import { listenerText } from '../edge/policy.ts';
import type { Listener } from '../transport/flow.ts';

/** `page`: what its browser opens; undefined: there is no console. */
export function banner(
  version: string,
  config: Config,
  listeners: readonly Listener[],
  admin: string,
  page?: string,
): string {
  const lines = [`Surgegate ${version}`, ''];
  for (const name of ['south', 'east', 'west', 'north', 'core'] as const) {
    const own = listeners.filter((one) => one.interfaceName === name).map(listenerText);
    if (own.length > 0) lines.push(`  ${name.padEnd(7)} ${own.join('  ')}`);
  }
  const switches = config.switches.map((one) =>
    one.embedded
      ? `${one.name} (embedded test switch)`
      : `${one.name} ${one.address!.transport}:${one.address!.host}:${one.address!.port}`,
  );
  lines.push(`  switch  ${switches.join(', ')}`, `  admin   http://${admin}/metrics  /healthz  /readyz`);
  if (page !== undefined) lines.push(`  console ${page}`);
  if (config.engine === 'drachtio')
    lines.push(`  server  drachtio-server ${config.drachtio.host}:${config.drachtio.port}`);
  lines.push(...hostLines(config), '');
  const udp = listeners.find((one) => one.transport === 'udp' && one.interfaceName !== 'core');
  if (udp !== undefined) {
    const at = `${udp.host}:${udp.port}`;
    lines.push('Try:');
    // a drachtio-server passes requests in dialogs by their Route, which SIPp's own scenario leaves out
    if (config.engine === 'embedded') {
      lines.push(
        `  sipp -sn uac ${at} -m 1                 one call`,
        `  sipp -sn uac ${at} -r 1000 -m 10000     a surge: what the switch cannot carry gets 503`,
      );
    }
    lines.push(
      `  curl -s http://${admin}/metrics | grep surgegate_requests`,
      `  or call sip:anything@${at} from any softphone`,
      '',
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Who rations the host. */
function hostLines({ orchestrator }: Config): string[] {
  if (orchestrator.kind === 'none') return [];
  if (orchestrator.kind === 'links') return [`  host    ${orchestrator.links.map(({ url }) => url).join('  ')}`];
  const { host, port } = orchestrator.listen;
  return [`  host    http://${host.includes(':') ? `[${host}]` : host}:${port} (embedded orchestrator)`];
}
