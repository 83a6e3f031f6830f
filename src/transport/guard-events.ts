// Keeps sockets serving when the pipeline throws, which is a bug of ours: caught once, here, and reported.
import type { Flow, TransportEvents } from './flow.ts';

export function guardEvents(events: TransportEvents): TransportEvents {
  const report = (error: unknown, flow: Flow): void => {
    try {
      events.onInternalError?.(error, flow);
    } catch {
      // The reporter of bugs has one itself: nobody is left to tell.
    }
  };
  return {
    onMessage(flow, bytes, start, end) {
      try {
        events.onMessage(flow, bytes, start, end);
      } catch (error) {
        report(error, flow);
      }
    },
    onStreamFault(flow, fault, bytes, start, end) {
      try {
        events.onStreamFault(flow, fault, bytes, start, end);
      } catch (error) {
        report(error, flow);
      }
    },
    onFlowClosed(flow, error) {
      try {
        events.onFlowClosed(flow, error);
      } catch (thrown) {
        report(thrown, flow);
      }
    },
  };
}
