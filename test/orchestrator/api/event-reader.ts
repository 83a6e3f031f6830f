// Reads server-sent events from a real connection, as they come.
import { type IncomingMessage, request } from 'node:http';
import { onTestFinished, vi } from 'vitest';
import { tokens, type Who } from './setting.ts';

export interface ReadEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

export interface EventReader {
  readonly response: IncomingMessage;
  /** All text that came. */
  text(): string;
  events(): ReadEvent[];
  /** Until there are so many. */
  wait(count: number): Promise<ReadEvent[]>;
  readonly closed: () => boolean;
  close(): void;
}

/** `isReading` false: takes nothing from the connection. */
export async function readEvents(
  address: string,
  path: string,
  { who, isReading = true, headers = {} }: { who: Who; isReading?: boolean; headers?: Record<string, string> },
): Promise<EventReader> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const all = { ...headers, authorization: `Bearer ${tokens[who]}` };
    request(`http://${address}${path}`, { headers: all, agent: false }, resolve).on('error', reject).end();
  });
  onTestFinished(() => void response.destroy());
  let text = '';
  let isClosed = false;
  response.on('close', () => {
    isClosed = true;
  });
  response.on('error', () => {});
  if (isReading) response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const events = (): ReadEvent[] =>
    [...text.matchAll(/^id: (.*)\nevent: (.*)\ndata: (.*)\n\n/gm)].map(([, id, event, data]) => ({
      ...{ id: id!, event: event!, data: JSON.parse(data!) as unknown },
    }));
  return {
    response,
    text: () => text,
    events,
    wait: (count) =>
      vi.waitFor(() => {
        if (events().length < count) throw new Error(`${events().length} events of ${count}`);
        return events();
      }),
    closed: () => isClosed,
    close: () => void response.destroy(),
  };
}
