// All dashboards, and the files they are written to: `npm run docs`.
import { writeFileSync } from 'node:fs';
import { type Board, dashboard } from './board.ts';
import { eventBoard } from './board-event.ts';
import { interfacesBoard } from './board-interfaces.ts';
import { orchestratorBoard } from './board-orchestrator.ts';
import { sipBoard } from './board-sip.ts';
import { switchesBoard } from './board-switches.ts';

export const boards: readonly Board[] = [eventBoard, interfacesBoard, switchesBoard, orchestratorBoard, sipBoard];

export const dashboardsFolder = new URL('../../grafana/dashboards/', import.meta.url);

/** File name → text. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  return new Map(boards.map((board) => [`${board.uid}.json`, `${JSON.stringify(dashboard(board), null, 2)}\n`]));
}

export function writeDashboards(): void {
  for (const [name, text] of dashboardFiles()) writeFileSync(new URL(name, dashboardsFolder), text);
}
