// What is asked of a drachtio-server and ends by itself: a request proxied, a request of our own. drachtio-srf never calls back when
// the connection is lost or an answer does not come, and keeps what waits; here every wait has its deadline and is forgotten after it.
import type { Connection } from './connection.ts';
import { isPlainUri, plainFields } from './header-fields.ts';
import type { HeaderFields, ProxyOptions, ProxyOutcome } from './link.ts';
import { type ProxyFinal, statusOf, upstreamStatus } from './proxy-outcome.ts';
import type { SrfRequest } from './srf.ts';

export class Outgoing {
  private readonly connection: Connection;
  /** What ends each wait when the connection is lost. */
  private readonly waits = new Set<() => void>();

  constructor(connection: Connection) {
    this.connection = connection;
  }

  get size(): number {
    return this.waits.size;
  }

  /**
   * Calls `done` once: with the outcome, or with a text where the server has not taken the request. Throws where it could not even
   * be asked, so that the request still waits for an answer.
   */
  proxy(
    request: SrfRequest,
    destinations: readonly string[],
    options: ProxyOptions,
    done: (outcome: ProxyOutcome, refused: string) => void,
  ): void {
    if (destinations.length === 0 || !destinations.every(isPlainUri)) {
      throw new Error(`no URI to proxy to: ${JSON.stringify(destinations)}`);
    }
    const { connection } = this;
    const finals: ProxyFinal[] = [];
    const wait = this.wait(options.deadlineMs, () => done({ status: 0, finals }, ''));
    try {
      connection.agent.proxy(
        request,
        {
          destination: destinations,
          stackTxnId: request.stackTxnId,
          remainInDialog: options.recordRoute,
          fullResponse: true,
          followRedirects: false,
          simultaneous: false,
          provisionalTimeout: `${options.provisionalTimeoutMs}ms`,
          finalTimeout: `${options.finalTimeoutMs}ms`,
          headers: plainFields(options.fields),
        },
        ([word, what = ''], raw, { address, port }) => {
          if (word !== 'OK') return wait.end(() => done({ status: 0, finals }, what));
          if (what === 'done') return wait.end(() => done({ status: upstreamStatus(finals), finals }, ''));
          const status = statusOf(raw);
          if (status >= 200) finals.push({ status, address, port: Number(port) });
        },
      );
    } catch (error) {
      wait.end(() => {});
      throw error;
    }
    wait.forget(connection.lastId);
  }

  /** Not for INVITE: nobody would acknowledge its answer. 0 where none came in time, or it could not be sent. */
  request(method: string, uri: string, fields: HeaderFields, timeoutMs: number): Promise<number> {
    return new Promise((resolve) => {
      if (!isPlainUri(uri) || method.toUpperCase() === 'INVITE') return resolve(0);
      const { connection } = this;
      let sentAs = '';
      const wait = this.wait(timeoutMs, () => {
        connection.state?.pendingSipRequests.delete(sentAs);
        resolve(0);
      });
      try {
        connection.srf.request(uri, { method, headers: plainFields(fields) }, (error, request) => {
          if (error !== null || request === undefined) return wait.end(() => resolve(0));
          sentAs = request.stackTxnId;
          request.on('response', ({ status, source_address: from }) => {
            // where nobody is, or nobody answers, the server makes a 503 or 408 of its own: it comes from nowhere
            if (status >= 200) wait.end(() => resolve(from === '' ? 0 : status));
          });
        });
        wait.forget(connection.lastId);
      } catch {
        wait.end(() => resolve(0));
      }
    });
  }

  /** The connection is gone: all that wait are told. */
  endAll(): void {
    for (const end of [...this.waits]) end();
  }

  private wait(ms: number, onTimeout: () => void) {
    let id = '';
    const end = (tell: () => void) => {
      if (!this.waits.delete(expire)) return;
      clearTimeout(timer);
      this.connection.state?.pendingRequests.delete(id);
      tell();
    };
    const expire = () => end(onTimeout);
    const timer = setTimeout(expire, ms);
    this.waits.add(expire);
    return {
      end,
      /** drachtio-srf keeps what waits under the id of the message that asked. */
      forget(messageId: string): void {
        id = messageId;
      },
    };
  }
}
