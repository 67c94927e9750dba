import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { describeWait } from "./failure.ts";

/** Counts down to `until`, then renders nothing and calls `onEnd`. */
export function Countdown({ until, onEnd }: { until: number; onEnd?: () => void }): JSX.Element | null {
  const [left, setLeft] = useState(() => until - Date.now());
  useEffect(() => {
    const tick = () => {
      const next = until - Date.now();
      setLeft(next);
      if (next <= 0) {
        clearInterval(timer);
        onEnd?.();
      }
    };
    const timer = setInterval(tick, 1_000);
    tick();
    return () => clearInterval(timer);
  }, [until]);
  return left > 0 ? <span class="countdown">{describeWait(left)}</span> : null;
}
