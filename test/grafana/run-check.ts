// Whether every query of every dashboard answers after a real run, and what cannot happen in it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawDashboard } from './draw.ts';
import { bringAbout, type Parties } from './further-events.ts';
import { askAll, faultsOf, type MayBeEmpty, type Run, readDashboards } from './real-run.ts';

const noFault = 'there is nothing to count: that is what is right';
const noNeighbour = 'nobody in this run takes part in overload control (RFC 7339): test/e2e/overload-control.test.ts';
const noMaximum = 'the host of this run is given no maximum of it, so none is shared out';
const notForced = 'nothing is short on this host: src/lab/demo shows it';
const noDrachtio = 'there is no drachtio-server in this run';

export const mayBeEmpty: MayBeEmpty = {
  'surgegate-event: Priority calls refused': noFault,
  'surgegate-event: Switches down': noFault,
  'surgegate-event: Priority and emergency calls, D': noFault,
  'surgegate-event: Goodput against capacity, D': 'the host of this run allows far more than its switch can do',
  'surgegate-event: Control off': 'the edge of this run follows what it sees',
  'surgegate-interfaces: Pushback told': noNeighbour,
  'surgegate-interfaces: Pushback ignored': noNeighbour,
  'surgegate-switches: Pushback of a switch': noNeighbour,
  'surgegate-orchestrator: Running mode of the host, B': 'there is no peer orchestrator in this run',
  ...Object.fromEntries(
    ['A', 'C', 'D', 'E'].flatMap((query) => [
      [`surgegate-orchestrator: Host: disk traffic, ${query}`, noMaximum],
      [`surgegate-orchestrator: Host: network traffic, ${query}`, noMaximum],
    ]),
  ),
  'surgegate-orchestrator: What asks for it': notForced,
  'surgegate-orchestrator: Applications: processor, C': notForced,
  'surgegate-orchestrator: Applications: memory, C': notForced,
  'surgegate-orchestrator: What was done to shed load': notForced,
  'surgegate-orchestrator: Answers of the API, B': 'the edge fetches its orders: nobody asks for callbacks',
  'surgegate-sip: Certificates run out in': 'no listener of this run has TLS',
  'surgegate-sip: Link to drachtio': noDrachtio,
  'surgegate-sip: Requests in hand': noDrachtio,
  'surgegate-sip: Its processor': noDrachtio,
  'surgegate-sip: Its delay': noDrachtio,
  'surgegate-sip: Not handed over': noDrachtio,
  'surgegate-sip: Given to others': noDrachtio,
};

/**
 * What is wrong, one line each. Where SURGEGATE_PICTURES names a folder, the dashboards are drawn there as they look after
 * this run.
 */
export async function dashboardFaults(run: Omit<Run, 'to'>, parties: Parties): Promise<string[]> {
  await bringAbout(parties);
  const whole = { ...run, to: Date.now() / 1000 };
  const folder = process.env.SURGEGATE_PICTURES;
  if (folder !== undefined)
    for (const board of readDashboards())
      writeFileSync(join(folder, `${board.uid}.svg`), await drawDashboard(whole, board));
  return faultsOf(await askAll(whole), mayBeEmpty);
}
