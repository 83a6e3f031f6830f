// The settings of the HTTP server under the API: what bounds a request before anything of it is understood.
import type { IncomingMessage } from 'node:http';
import type { SecureContextOptions } from 'node:tls';
import type { FastifyServerOptions } from 'fastify';
import { readTlsFiles } from '../../transport/tls-files.ts';
import type { ApiLimits, ApiTls } from './api-options.ts';
import { mostBodyBytes, mostHeaderBytes } from './api-options.ts';
import { answerClientError } from './client-error.ts';

/** Throws an Error of one line that names the PEM file that cannot be used. */
export function serverOptions(limits: ApiLimits, tls: ApiTls | undefined): FastifyServerOptions {
  const bounds = {
    maxHeaderSize: mostHeaderBytes,
    headersTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(1000, limits.requestMs),
    // node's own answer has no problem document
    requireHostHeader: false,
  };
  const options = {
    bodyLimit: mostBodyBytes,
    requestTimeout: limits.requestMs,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    clientErrorHandler: answerClientError,
    // no path is longer than the header; a long name is refused as a name
    routerOptions: { maxParamLength: mostHeaderBytes },
    genReqId: (_request: IncomingMessage) => '',
  };
  if (tls === undefined) return { ...options, http: bounds } as FastifyServerOptions;
  const { clientAuthority: ca, ...own } = tls;
  const { server } = readTlsFiles({ ...own, ca });
  // A client without a certificate may still have a token, and monitoring needs neither: who is not known gets a 401.
  const verify = { requestCert: ca !== undefined, rejectUnauthorized: false, handshakeTimeout: limits.requestMs };
  return { ...options, https: { ...server, ...bounds, ...verify } } as FastifyServerOptions;
}

/** For connections that we open to callbacks: our own certificate, and whom we believe. */
export function clientOptions(tls: ApiTls | undefined): SecureContextOptions | undefined {
  if (tls === undefined) return undefined;
  const { clientAuthority: ca, ...own } = tls;
  return readTlsFiles({ ...own, ca }).client;
}
