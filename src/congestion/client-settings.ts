// The options of a client, checked and complete. What is wrong with them is an error at the start and never later.
import { randomBytes } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { registrationSchema } from './application-messages.ts';
import type { ClientOptions, ClientTls, RegistrationInput } from './client-options.ts';
import { nameField, validitySeconds as validityField } from './fields.ts';

export interface ClientSettings {
  readonly urls: readonly URL[];
  readonly application: string;
  readonly token: string | undefined;
  readonly tls: ClientTls | undefined;
  readonly registration: () => RegistrationInput;
  readonly reportMs: number;
  readonly timeoutMs: number;
  readonly validitySeconds: number;
  readonly callback: CallbackSettings | undefined;
  readonly isUnref: boolean;
  /** Of this process and client, chosen anew each time. */
  readonly instance: string;
}

export interface CallbackSettings {
  readonly host: string;
  readonly port: number;
  readonly url: string | undefined;
  readonly token: string;
}

/** Throws an Error of one line that names the option and what it must be. */
export function clientSettings(options: ClientOptions): ClientSettings {
  const { application, token, tls, registration = {}, callback } = options;
  const reportMs = within('reportMs', options.reportMs ?? 1000, 100, 60_000);
  if (!nameField.safeParse(application).success) throw wrong('application', nameField.meta()?.description ?? '');
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) throw wrong('token', 'printable characters without spaces');
  const settings: ClientSettings = {
    urls: urlsOf(options.url),
    application,
    token,
    tls,
    registration: typeof registration === 'function' ? registration : () => registration,
    reportMs,
    timeoutMs: within('timeoutMs', options.timeoutMs ?? 2000, 100, 60_000),
    validitySeconds: options.validitySeconds ?? Math.min(3600, Math.max(5, (5 * reportMs) / 1000)),
    callback: callback && {
      host: callback.listen.host ?? '127.0.0.1',
      port: within('callback.listen.port', callback.listen.port, 0, 65_535),
      url: callback.url,
      token: callback.token ?? randomBytes(32).toString('base64url'),
    },
    isUnref: options.unref ?? false,
    instance: randomBytes(16).toString('base64url'),
  };
  if (!validityField.safeParse(settings.validitySeconds).success) throw wrong('validitySeconds', '1 to 3600');
  checkTls(tls);
  if (typeof registration !== 'function') check(registration, settings);
  return settings;
}

function checkTls({ key, certificate: cert, authority: ca }: ClientTls = {}): void {
  if ((key === undefined) !== (cert === undefined)) throw wrong('tls', 'key and certificate belong together');
  const given = Object.entries({ key, cert, ca }).filter(([, value]) => value !== undefined);
  try {
    createSecureContext(Object.fromEntries(given));
  } catch (error) {
    throw wrong('tls', (error as Error).message.split('\n')[0] ?? '');
  }
}

function check(registration: RegistrationInput, { instance, validitySeconds, callback }: ClientSettings): void {
  const way = callback && { callback: { url: callback.url ?? 'http://127.0.0.1/', token: callback.token } };
  const lease = { instance, sequence: 1, validitySeconds };
  const [issue] = registrationSchema.safeParse({ ...registration, ...lease, ...way }).error?.issues ?? [];
  if (issue !== undefined) throw wrong(['registration', ...issue.path].join('.'), issue.message);
}

function urlsOf(url: string | readonly string[]): URL[] {
  const all = typeof url === 'string' ? [url] : url;
  if (all.length === 0) throw wrong('url', 'at least one');
  return all.map((one) => {
    const parsed = URL.canParse(one) ? new URL(one) : undefined;
    if (parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.username === '') return parsed;
    throw wrong('url', `${one} is no http: or https: address`);
  });
}

function within(key: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  throw wrong(key, `${value} is not ${least} to ${most}`);
}

const wrong = (key: string, reason: string): Error => new Error(`congestion client: ${key}: ${reason}`);
