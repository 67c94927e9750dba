import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { formatDuration } from "./call_duration.ts";

/** How long a call has lasted, counted each second. */
export function CallTime({ startedAt }: { startedAt: string }): JSX.Element {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span class="call-time" role="timer" aria-live="off">{formatDuration(now - Date.parse(startedAt))}</span>
  );
}
