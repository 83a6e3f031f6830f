// An application of drachtio-server as its documentation shows it: proxies every call to one place, or refuses them all.
import Srf from 'drachtio-srf';

export interface AppOrder {
  readonly port: number;
  /** `sip:HOST:PORT` that calls are proxied to; '' to refuse them. */
  readonly to: string;
}

const { port, to } = JSON.parse(process.argv[2] ?? '{}') as AppOrder;
const srf = new Srf();
srf.on('error', () => {}); // it connects again by itself
srf.on('connect', () => void process.stdout.write('{"event":"connected"}\n'));
srf.invite((req, res) => {
  if (to === '') return res.send(503, { headers: { 'Retry-After': '7' } });
  // its declarations say that it returns nothing
  void Promise.resolve(srf.proxyRequest(req, to, { recordRoute: true })).catch(() => {});
});
srf.connect({ host: '127.0.0.1', port, secret: 'cymru' });
