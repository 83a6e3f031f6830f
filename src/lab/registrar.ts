// The test switch's registrar (RFC 3261 §10.3, RFC 3327 §5.3): one binding per user, kept with its Path.
import { parameter } from './parameter.ts';
import { type ScannedMessage, uriUser } from './scan-lines.ts';

export interface Binding {
  /** The Contact URI, without brackets and parameters of the header. */
  readonly uri: string;
  /** Path values from first hop to last, as a Route header carries them; '' without one. */
  readonly route: string;
  readonly expiresAtMs: number;
}

const MAX_BINDINGS = 200_000;
const DEFAULT_EXPIRES_SECONDS = 3600;

export class Registrar {
  readonly #bindings = new Map<string, Binding>();

  get size(): number {
    return this.#bindings.size;
  }

  /** The binding of a lower-case user, if it has not expired. */
  find(user: string, nowMs: number): Binding | undefined {
    const binding = this.#bindings.get(user);
    if (binding === undefined || binding.expiresAtMs > nowMs) return binding;
    this.#bindings.delete(user);
    return undefined;
  }

  /** Takes a REGISTER; returns the header lines of its 200: the binding in force, and the Path again. */
  register(request: ScannedMessage, nowMs: number): string {
    const user = uriUser(inBrackets(request.bytes.toString('latin1', request.to.start, request.to.end)));
    const paths = request.pathLines.map((line) => request.bytes.toString('latin1', line.start, line.end));
    const pathText = paths.map((line) => `${line}\r\n`).join('');
    const contact =
      request.contact === undefined ? '' : request.bytes.toString('latin1', request.contact.start, request.contact.end);
    if (contact !== '') {
      const own = Number.parseInt(parameter(contact, 'expires'), 10);
      const seconds = Number.isNaN(own) ? request.expiresSeconds : own;
      const expiresSeconds = seconds < 0 ? DEFAULT_EXPIRES_SECONDS : seconds;
      if (expiresSeconds === 0 || contact === '*') this.#bindings.delete(user);
      else this.#keep(user, inBrackets(contact), paths, nowMs + expiresSeconds * 1000);
    }
    const binding = this.find(user, nowMs);
    if (binding === undefined) return pathText;
    const leftSeconds = Math.round((binding.expiresAtMs - nowMs) / 1000);
    return `Contact: <${binding.uri}>;expires=${leftSeconds}\r\n${pathText}`;
  }

  #keep(user: string, uri: string, paths: readonly string[], expiresAtMs: number): void {
    if (this.#bindings.size >= MAX_BINDINGS && !this.#bindings.has(user)) {
      for (const oldest of this.#bindings.keys()) {
        this.#bindings.delete(oldest);
        break;
      }
    }
    const route = paths.map((line) => line.slice(line.indexOf(':') + 1).trim()).join(', ');
    this.#bindings.set(user, { uri, route, expiresAtMs });
  }
}

/** The URI of a name-addr or addr-spec header value. */
function inBrackets(value: string): string {
  const open = value.indexOf('<');
  if (open < 0) return (value.split(';', 1)[0] ?? '').trim();
  const close = value.indexOf('>', open);
  return value.slice(open + 1, close < 0 ? undefined : close);
}
