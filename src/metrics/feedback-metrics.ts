// Metrics of what we tell those who send to us, and of what the switches tell us: oc (RFC 7339, RFC 7415), Retry-After; and of what
// would have been refused in shadow mode.
import type { OcFeedback } from '../control/throttle.ts';
import { counter, type Families, gauge } from './families.ts';
import { byNeighbour, neighbourThrottle } from './interface-metrics.ts';
import type { MetricSources } from './metrics.ts';

export function addFeedbackMetrics(families: Families, { loop, counters }: MetricSources): void {
  addSent(families, loop);
  addReceived(families, loop);
  counter(families, 'surgegate_oc_sent_total', 'Responses that we sent with an oc value (RFC 7339)', [], (say) =>
    say({}, counters.ocSent),
  );
  counter(families, 'surgegate_oc_received_total', 'Responses of switches with an oc value (RFC 7339)', [], (say) =>
    say({}, counters.ocReceived),
  );
  gauge(
    families,
    'surgegate_retry_after_extra_seconds',
    'Added to Retry-After, so that who is sent away now does not come back together with who was sent away before',
    [],
    (say) => {
      const view = loop();
      if (view !== undefined) say({}, view.throttle.retryAfterSeconds);
    },
  );
  addShadow(families, counters);
}

function addSent(families: Families, loop: MetricSources['loop']): void {
  const told = (feedback: OcFeedback | undefined, algorithm: OcFeedback['algorithm']): number | undefined =>
    feedback?.algorithm === algorithm && feedback.validityMs > 0 ? feedback.value : undefined;
  byNeighbour(
    gauge,
    families,
    loop,
    'surgegate_oc_sent_loss_ratio',
    'Share of its requests that a neighbour is told to hold back (RFC 7339); left out where it is told nothing',
    (neighbour, one, view) => {
      const percent = told(neighbourThrottle(view, one, neighbour)?.oc, 'loss');
      return percent === undefined ? undefined : percent / 100;
    },
  );
  byNeighbour(
    gauge,
    families,
    loop,
    'surgegate_oc_sent_requests_per_second',
    'Requests that a neighbour is told to send at most (RFC 7415); left out where it is told nothing',
    (neighbour, one, view) => told(neighbourThrottle(view, one, neighbour)?.oc, 'rate'),
  );
  byNeighbour(
    gauge,
    families,
    loop,
    'surgegate_oc_not_complying',
    '1 for a neighbour that claims oc and sends more than it is told; left out where it does not take part',
    (neighbour, one, view) => {
      if (neighbourThrottle(view, one, neighbour)?.oc === undefined) return undefined;
      return view.control.doesNotComply(one.name, neighbour.name) ? 1 : 0;
    },
  );
}

function addReceived(families: Families, loop: MetricSources['loop']): void {
  gauge(
    families,
    'surgegate_oc_received_loss_ratio',
    'Share of the requests to it that a switch asks us to hold back (RFC 7339); left out where it asks nothing',
    ['switch'],
    (say) => {
      for (const { name, oc } of loop()?.sample.switches ?? [])
        if (oc?.algorithm === 'loss') say({ switch: name }, oc.percent / 100);
    },
  );
  gauge(
    families,
    'surgegate_oc_received_requests_per_second',
    'Requests that a switch asks us to send at most (RFC 7415); left out where it asks nothing',
    ['switch'],
    (say) => {
      for (const { name, oc } of loop()?.sample.switches ?? [])
        if (oc?.algorithm === 'rate') say({ switch: name }, oc.perSecond);
    },
  );
}

function addShadow(families: Families, { shadowed }: MetricSources['counters']): void {
  counter(
    families,
    'surgegate_shadow_refusals_total',
    'Requests that mode: shadow let pass and mode: active would have refused, by why; one request can be here twice',
    ['interface', 'class', 'reason'],
    (say) =>
      shadowed.each((labels, count) =>
        say({ interface: labels.interface, class: labels.class, reason: labels.reason }, count),
      ),
  );
}
