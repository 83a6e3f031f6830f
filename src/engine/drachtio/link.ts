// The link to a drachtio-server as the engine sees it. What drachtio-srf leaves open is closed behind it (open-link.ts): every request
// is answered, every wait has an end, a lost link comes back as it was.

/** As drachtio tells them: `udp/127.0.0.1:5060`. */
export interface StackAddress {
  readonly protocol: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';
  /** Numeric, without brackets. */
  readonly host: string;
  readonly port: number;
}

export type HeaderFields = Readonly<Record<string, string>>;

/** A request from the network that awaits its answer. */
export interface StackRequest {
  readonly method: string;
  /** The whole message as it came. */
  readonly raw: string;
  /** By the Via: drachtio itself shows WebSocket as tcp or tls. */
  readonly protocol: StackAddress['protocol'];
  readonly sourceAddress: string;
  readonly sourcePort: number;
  /** Where it came in; tells the interface. */
  readonly receivedOn: { readonly host: string; readonly port: number };
  /** From the server's own clock to delivery here, ms; its kernel's queue is not in it. */
  readonly lagMs: number;
  /** False where a final answer has gone before, or the link is down. The server adds To tag, Via, Call-ID and CSeq, and repeats it. */
  respond(status: number, phrase: string, fields: HeaderFields): boolean;
  /** The caller has given up before a final answer; the server has answered the CANCEL and sent 487. */
  onCancel(listener: () => void): void;
  /**
   * Hands it to the server's proxy, which tries the destinations one after the other: any answer but 2xx, 401 and 407 moves it on to
   * the next one, busy too. Resolves when it is done, at the latest after `deadlineMs`; never rejects.
   */
  proxy(destinations: readonly string[], options: ProxyOptions): Promise<ProxyOutcome>;
}

export interface ProxyOptions {
  readonly recordRoute: boolean;
  /** Without any answer for so long the next destination is tried; the server heeds it for INVITE only. */
  readonly provisionalTimeoutMs: number;
  /** How long a destination may ring; drachtio-server 0.9.10 ignores it and gives up after 185 s (timer C). */
  readonly finalTimeoutMs: number;
  /** Ours, longer than both: after it the request is given up here. */
  readonly deadlineMs: number;
  /** Added to the request; of From, To, Max-Forwards, Subject, Priority and User-Agent put in place of what is there. */
  readonly fields: HeaderFields;
}

export interface ProxyOutcome {
  /** Of the answer that went upstream; 0: none is known, the deadline or the link ended the wait. */
  readonly status: number;
  /** Final answers as they came, with who gave them. */
  readonly finals: readonly { readonly status: number; readonly address: string; readonly port: number }[];
}

/** What can be seen of the server from outside the protocol, since the sample before (notes: it saturates before its application). */
export interface StackLoad {
  /** Of one core, 0 and up; undefined where its process is not found. */
  readonly cpuRatio: number | undefined;
  /** The longest `lagMs` in the interval. */
  readonly lagMs: number;
  /** Its sockets' kernel queues, in the order of `addresses`; undefined where they cannot be read. */
  readonly kernel: readonly ({ readonly queuedBytes: number; readonly drops: number } | undefined)[];
  /** Requests that the server has received beyond those it handed over, per second; undefined without its metrics. */
  readonly unseenPerSecond: number | undefined;
}

export interface DrachtioLink {
  readonly isUp: boolean;
  /** Of its sockets, not those that it tells others. Empty while the link has never been up. */
  readonly addresses: readonly StackAddress[];
  /** Of the server, '' while it is not known. */
  readonly version: string;
  /** Requests that await their answer or the end of their proxying, and requests of our own. */
  readonly pending: number;
  /** Share of the calls of the last self-test that the server took and did not hand to us, 0 to 1; undefined before the first. */
  readonly missedRatio: number | undefined;
  /** A request of our own outside a dialog, no INVITE; resolves to its final status, 0 where none came in time. Never rejects. */
  request(method: string, uri: string, fields: HeaderFields, timeoutMs: number): Promise<number>;
  /** Call every interval of the monitor. */
  load(nowMs: number): StackLoad;
  close(): Promise<void>;
}

export interface LinkEvents {
  onRequest(request: StackRequest): void;
  /** Up, or down with the reason in one line; also where the link stays up and something is wrong: another client takes requests. */
  onChange(isUp: boolean, reason: string): void;
}

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  /** The control connection over TLS, and again after it was lost. `ca`: PEM, in place of the well-known ones. */
  readonly tls: boolean | { readonly ca: string };
  /** Lower-case methods that are routed to us. */
  readonly methods: readonly string[];
  /** Longest pause between attempts to connect, ms. */
  readonly retryMaxDelayMs: number;
  /** How often a request of our own is sent through the server to see that all that it hands over arrives here; 0: never. */
  readonly selfTestMs: number;
  /** `http://127.0.0.1:9099/metrics`; undefined: not asked. */
  readonly metricsUrl: string | undefined;
  readonly log: (level: 'info' | 'warn' | 'error', text: string, fields?: Record<string, unknown>) => void;
}
