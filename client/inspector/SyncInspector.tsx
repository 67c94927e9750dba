import type { JSX } from "preact";
import { Button } from "../ui/Button.tsx";
import { CLOCK } from "../ui/clock.ts";
import { Icon } from "../ui/Icon.tsx";
import { useCopying } from "../ui/use_copying.ts";
import { describeEvent, describeHoles, judgeSync, TRANSPORT_NAMES, writeSyncReport } from "./sync_report.ts";
import type { RoomSync, SyncReport } from "./sync_report.ts";

const VERDICT_ICONS = { good: "circleCheck", warn: "triangleAlert", bad: "circleAlert" } as const;
const moments = new Intl.DateTimeFormat(undefined, { ...CLOCK, second: "2-digit" });

/** Shows how far this tab is in step with the server, as something to send with a bug report. */
export function SyncInspector({ report }: { report: SyncReport }): JSX.Element {
  const { level, sentence } = judgeSync(report);
  const { isCopied, copy } = useCopying(writeSyncReport(report));
  return (
    <>
      <p class={`doctor-verdict is-${level}`} role="status">
        <Icon name={VERDICT_ICONS[level]} />
        <span>{sentence}</span>
      </p>
      <div class="doctor-actions">
        <Button kind="primary" icon={isCopied ? "check" : "copy"} onClick={copy}>
          {isCopied ? "Copied" : "Copy as text"}
        </Button>
        <span class="visually-hidden" role="status">{isCopied ? "Copied" : ""}</span>
      </div>
      <p class="hint">For a bug report. It has no messages, names or passwords.</p>
      <dl class="sync-facts">
        {factsOf(report).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <section class="page-part">
        <h4>Rooms</h4>
        <ul class="sync-list">
          {report.rooms.map((room) => (
            <li key={room.roomId}>
              <span class="sync-name" dir="auto">{room.title}</span>
              <small>{describeRoom(room)}</small>
            </li>
          ))}
        </ul>
        {report.otherRoomCount === 0 ? null : (
          <p class="hint">
            {report.otherRoomCount === 1 ? "One other room is" : `${report.otherRoomCount} other rooms are`}
            {" read when opened."}
          </p>
        )}
      </section>
      <section class="page-part">
        <h4>What happened to the connection</h4>
        <ol class="sync-list">
          {report.history.toReversed().map((event) => (
            <li key={`${event.at} ${event.type} ${event.reason}`}>
              <span class="sync-name">{describeEvent(event)}</span>
              <small>
                <time dateTime={new Date(event.at).toISOString()}>{moments.format(event.at)}</time>
              </small>
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}

function factsOf(report: SyncReport): (readonly [name: string, value: string])[] {
  const { transport, roundTripMs, outbox, build, serverBuild, call } = report;
  return [
    ["Transport", TRANSPORT_NAMES[transport]],
    ["Round trip", roundTripMs === null ? "Not measured yet" : `${Math.round(roundTripMs)} ms`],
    [
      "Outbox",
      outbox.waitingCount + outbox.failedCount === 0
        ? "Empty"
        : `${outbox.waitingCount} waiting, ${outbox.failedCount} failed`,
    ],
    ["On this device", report.stored],
    ["Version of this page", build],
    [
      "Version of the server",
      serverBuild === null ? "Unknown" : serverBuild === build ? "The same version" : serverBuild,
    ],
    ["Call", call === null ? "None" : call.routes.length === 0 ? call.topology : call.routes.join(", ")],
  ];
}

function describeRoom({ through, head, holes, isFollowed }: RoomSync): string {
  const place = head > through ? `${through} of ${head}` : `up to ${through}`;
  const missing = holes.length === 0 ? "" : `, missing ${describeHoles(holes)}`;
  return `${place}${missing}${isFollowed ? "" : ", not followed now"}`;
}
