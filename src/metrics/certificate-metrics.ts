// When certificates run out: of the edge's listeners by interface, of the orchestrator's API.
import { type Families, gauge } from './families.ts';

export interface CertificateView {
  /** The interface; `api`: the congestion API. */
  readonly of: string;
  /** Undefined: it shows no certificate. */
  readonly endsUnixSeconds: number | undefined;
}

export function addCertificateMetrics(families: Families, certificates: () => readonly CertificateView[]): void {
  gauge(
    families,
    'surgegate_tls_certificate_expiry_timestamp_seconds',
    'Unix time when the first certificate of the chain in use runs out; a new file is in use after a restart. Left out where there is no TLS',
    ['interface'],
    (say) => {
      const ends = new Map<string, number>();
      for (const { of, endsUnixSeconds } of certificates()) {
        if (endsUnixSeconds !== undefined) ends.set(of, Math.min(ends.get(of) ?? endsUnixSeconds, endsUnixSeconds));
      }
      for (const [of, unixSeconds] of ends) say({ interface: of }, unixSeconds);
    },
  );
}
