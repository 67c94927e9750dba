import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { formatDuration } from "./call_duration.ts";

/** Props of `CallTime`. */
export interface CallTimeProps {
  /** By the server's clock. */
  readonly startedAt: string;
  /** The server's clock in epoch milliseconds. */
  readonly serverNow: () => number;
}

/** How long a call has lasted, counted each second. */
export function CallTime({ startedAt, serverNow }: CallTimeProps): JSX.Element {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 1_000);
    return () => clearInterval(timer);
  }, [serverNow]);
  return (
    <span class="call-time" role="timer" aria-live="off">{formatDuration(now - Date.parse(startedAt))}</span>
  );
}
