// The control side of the double: applications that connect, what they ask to be handed, whose turn it is.
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { type App, frameOf, frameReader, type Payload, parsePayload, response } from './drachtio-frames.ts';

export interface AppsOptions {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly tls: TlsOptions | undefined;
  /** What `authenticate` is answered after OK. */
  readonly greeting: () => string;
  /** Frames for an application that does not read pile up to so many bytes; beyond, they are torn and its end is not noticed. */
  readonly tornAboveBytes: number;
  /** A `sip` or `proxy` frame. */
  readonly onOrder: (app: App, order: Payload) => void;
}

export interface Apps {
  readonly port: number;
  /** Connected now, phantoms among them. */
  readonly all: ReadonlySet<App>;
  /** Every payload that came from an application. */
  readonly received: string[];
  /** Who is handed the next request of this method; undefined: nobody asked for it. */
  nextFor(method: string): App | undefined;
  send(app: App, payload: string): void;
  /** Bytes that are no frame, to every application. */
  sendGarbage(): void;
  /** Frames to applications wait until `release`. */
  hold(): void;
  release(): void;
  /** Nothing that applications say is answered any more. */
  mute(isMute: boolean): void;
  addPhantom(methods: readonly string[]): void;
  /** Ends every control connection, phantoms included, as a restart would. */
  drop(): void;
  /** Refuses new control connections until it is called with false. */
  refuse(isRefusing: boolean): void;
  close(): Promise<void>;
}

export async function openApps(options: AppsOptions): Promise<Apps> {
  const all = new Set<App>();
  const received: string[] = [];
  const turns = new Map<string, number>();
  let isHolding = false;
  let isMute = false;
  let isRefusing = false;

  const write = (app: App, bytes: Buffer): void => {
    if (app.socket.destroyed) return;
    // a phantom is written to while its connection stands, but what arrives there is no frame
    const torn = app.isPhantom ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes;
    app.socket.write(torn);
    if (app.socket.writableLength > options.tornAboveBytes) app.isPhantom = true;
  };
  const send = (app: App, payload: string): void => {
    if (isHolding) app.held.push(frameOf(payload));
    else write(app, frameOf(payload));
  };

  const take = (app: App, text: string): void => {
    received.push(text);
    if (isMute) return;
    const order = parsePayload(text);
    const method = order.fields[0] ?? '';
    switch (order.type) {
      case 'authenticate':
        if (method === options.secret) return send(app, response(order, `OK|${options.greeting()}`));
        send(app, response(order, 'NO|incorrect secret'));
        return void app.socket.end();
      // Nothing asks whether it has authenticated: the server does not either (measured).
      case 'route':
        app.routes.add(method);
        return send(app, response(order, 'OK'));
      case 'remove_route':
        app.routes.delete(method);
        return send(app, response(order, 'OK'));
      case 'ping':
        return send(app, response(order, 'OK|pong'));
      case 'sip':
      case 'proxy':
        return options.onOrder(app, order);
      default:
        send(app, response(order, 'NO|Unknown message type'));
        app.socket.end();
    }
  };

  const adopt = (socket: Socket): void => {
    if (isRefusing) return void socket.destroy();
    socket.setNoDelay(true);
    const app: App = { socket, routes: new Set(), isPhantom: false, held: [] };
    all.add(app);
    const read = frameReader((payload) => take(app, payload));
    socket.on('data', (bytes) => {
      if (!read(bytes)) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (!app.isPhantom) all.delete(app);
    });
  };
  const server: Server = options.tls === undefined ? createServer(adopt) : createTlsServer(options.tls, adopt);
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const bound = server.address();

  const drop = (): void => {
    for (const app of all) {
      app.isPhantom = false;
      app.socket.destroy();
    }
    all.clear();
  };
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    all,
    received,
    nextFor(method) {
      const verb = method.toLowerCase();
      const takers = [...all].filter((app) => app.routes.has(verb));
      const turn = (turns.get(verb) ?? 0) % Math.max(takers.length, 1);
      turns.set(verb, turn + 1);
      return takers[turn];
    },
    send,
    sendGarbage() {
      for (const app of all) write(app, Buffer.from('garbage#without a length'));
    },
    hold() {
      isHolding = true;
    },
    release() {
      isHolding = false;
      for (const app of all) for (const bytes of app.held.splice(0)) write(app, bytes);
    },
    mute(now) {
      isMute = now;
    },
    addPhantom(methods) {
      const socket = [...all][0]?.socket;
      if (socket === undefined) throw new Error('a phantom is what an application leaves behind: none is connected');
      // written to nowhere: as a connection that has ended without the server noticing
      all.add({
        socket: Object.create(socket, { destroyed: { value: true } }),
        routes: new Set(methods),
        isPhantom: true,
        held: [],
      });
    },
    drop,
    refuse(now) {
      isRefusing = now;
    },
    async close() {
      drop();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
