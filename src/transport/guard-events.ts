// Keeps sockets serving when the pipeline throws, which is a bug of ours: caught once, here, and reported. Who watches the messages
// sees here those that come in.
import type { Flow, TransportEvents } from './flow.ts';
import type { MessageTap } from './message-tap.ts';

export function guardEvents(events: TransportEvents, tap: MessageTap): TransportEvents {
  const report = (error: unknown, flow: Flow): void => {
    try {
      events.onInternalError?.(error, flow);
    } catch {
      // The reporter of bugs has one itself: nobody is left to tell.
    }
  };
  return {
    onMessage(flow, bytes, start, end) {
      const isWatched = tap.isOn;
      if (isWatched) tap.received(flow, bytes, start, end);
      try {
        events.onMessage(flow, bytes, start, end);
      } catch (error) {
        report(error, flow);
      }
      if (isWatched) tap.handled();
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
