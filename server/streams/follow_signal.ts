import type { SignalStart } from "./signals.ts";
import { GapError } from "./sink.ts";
import type { Subscription } from "./subscription.ts";

/** Yields a signal, starting with its state, and the state again whenever the reader missed some. */
export async function* followSignal<T>(
  subscription: Subscription<T>,
  start: () => SignalStart,
): AsyncGenerator<T> {
  for (;;) {
    const { items, offset } = start();
    try {
      return yield* subscription.live(offset, items);
    } catch (error) {
      if (!(error instanceof GapError)) throw error;
    }
  }
}
