// A link over a control port of the test's own, and what it told.
import { onTestFinished } from 'vitest';
import type { DrachtioLink, LinkOptions, StackRequest } from '../../../src/engine/drachtio/link.ts';
import { type LinkTimes, linkTimes, openLink } from '../../../src/engine/drachtio/open-link.ts';
import { ControlPort, type ControlPortOptions } from './control-port.ts';

export interface Told {
  readonly requests: StackRequest[];
  /** Up or down, and why. */
  readonly changes: [boolean, string][];
  readonly logged: { level: string; text: string; fields: Record<string, unknown> }[];
}

export interface Opened extends Told {
  readonly server: ControlPort;
  readonly link: DrachtioLink;
}

export interface OpenOptions {
  readonly link?: Partial<LinkOptions>;
  readonly server?: ControlPortOptions;
  readonly times?: Partial<LinkTimes>;
  readonly onRequest?: (request: StackRequest) => void;
  readonly onChange?: (isUp: boolean) => void;
}

export async function openPair(more: OpenOptions = {}): Promise<Opened> {
  const server = await ControlPort.open(more.server);
  onTestFinished(() => server.close());
  return { server, ...(await openLinkTo({ host: '127.0.0.1', port: server.port, secret: 'cymru' }, more)) };
}

/** Closed at the end of the test. */
export async function openLinkTo(
  where: Pick<LinkOptions, 'host' | 'port' | 'secret'>,
  more: OpenOptions = {},
): Promise<Told & { link: DrachtioLink }> {
  const told: Told = { requests: [], changes: [], logged: [] };
  const options: LinkOptions = {
    ...where,
    tls: false,
    methods: ['invite', 'options'],
    retryMaxDelayMs: 300,
    selfTestMs: 0,
    metricsUrl: undefined,
    log: (level, text, fields = {}) => told.logged.push({ level, text, fields }),
    ...more.link,
  };
  const events = {
    onRequest: (request: StackRequest) => {
      told.requests.push(request);
      return more.onRequest?.(request);
    },
    onChange: (isUp: boolean, reason: string) => {
      told.changes.push([isUp, reason]);
      more.onChange?.(isUp);
    },
  };
  const link = await openLink(options, events, { ...linkTimes, ...more.times });
  onTestFinished(() => link.close());
  return { ...told, link };
}

export const proxyOptions = {
  recordRoute: true,
  provisionalTimeoutMs: 2_000,
  finalTimeoutMs: 20_000,
  deadlineMs: 30_000,
  fields: {},
};
