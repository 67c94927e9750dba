import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Countdown } from "../ui/Countdown.tsx";
import { findMirror, MirrorLink } from "../ui/MirrorLink.tsx";
import { Notice } from "../ui/Notice.tsx";
import { useSignedIn } from "./app_context.ts";

/** Shows that the connection is lost, when it will be tried again, and what is waiting; then that it is back. */
export function ConnectionBanner(): JSX.Element {
  const { app, chat } = useSignedIn();
  const { connection } = app;
  const notice = connection.notice.value;
  const unreadCount = chat.rooms.unreadCount.value;
  const unreadBefore = useRef(unreadCount);
  const asOf = app.session.asOf.value;
  const isAway = notice === "lost" || notice === "offline" || notice === "connecting";
  useEffect(() => {
    if (notice === "none" || isAway) unreadBefore.current = chat.rooms.unreadCount.peek();
  }, [notice]);

  const waiting = chat.messages.waitingCount.value;
  const end = waiting === 0 ? undefined : waiting === 1 ? "1 message waiting" : `${waiting} messages waiting`;
  const news = unreadCount - unreadBefore.current;
  return (
    <div role="status">
      {notice === "lost"
        ? (
          <Notice end={end}>
            {findMirror() === null ? "Connection lost." : "Parley cannot be reached."} <MirrorLink />{" "}
            <RetryTime at={connection.retryAt.value} />{" "}
            <button type="button" class="button-link" onClick={() => connection.tryNow()}>Try now</button>
          </Notice>
        )
        : notice === "offline" || (isAway && asOf !== null)
        ? (
          <Notice end={end}>
            {notice === "offline" ? "You are offline." : (
              <>
                Parley cannot be reached. <MirrorLink />
              </>
            )}
            {asOf === null ? " You can keep writing." : ` Messages are from ${asOf}.`}
          </Notice>
        )
        : notice === "connecting"
        ? (
          <Notice kind="plain" icon="refresh" end={end}>
            Still connecting… <MirrorLink />
          </Notice>
        )
        : notice === "back"
        ? <Notice kind="good" icon="circleCheck">Back online{news > 0 ? `, ${news} new` : ""}.</Notice>
        : null}
    </div>
  );
}

/** Only shown, not read out: a screen reader would read a new number each second. */
function RetryTime({ at }: { at: number | null }): JSX.Element {
  if (at === null) return <>Reconnecting…</>;
  return (
    <>
      <span aria-hidden="true">
        Reconnecting in <Countdown key={at} until={at} />.
      </span>
      <span class="visually-hidden">Reconnecting automatically.</span>
    </>
  );
}
