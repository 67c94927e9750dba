import { render } from "preact";
import type { JSX } from "preact";
import { CALL_ICONS } from "../calls/call_icons.ts";
import { arrangeTiles, facesOf } from "../calls/call_tiles.ts";
import { pictureOpener } from "../calls/media/picture_window.ts";
import { PersonTile } from "../calls/PersonTile.tsx";
import { ScreenTile } from "../calls/ScreenTile.tsx";
import { Icon } from "../ui/Icon.tsx";
import type { OpenCall } from "./open_call.ts";

/** How large the window above all others is at first. */
const PICTURE_SIZE = { width: 340, height: 260 };

/** Shows the call in a window above all others, or says that the browser refuses. */
export async function openPicture(call: OpenCall): Promise<void> {
  const isOpen = await call.picture.open(pictureOpener({
    ...PICTURE_SIZE,
    render: (place) => {
      render(<CallPicture call={call} />, place);
      return () => render(null, place);
    },
    video: () => document.querySelector<HTMLVideoElement>(".tile.is-big video, .tile video"),
  }));
  // The call may have ended meanwhile.
  if (!isOpen && call.session.peek() !== null) {
    call.context.app.toasts.show("The browser did not open a picture in picture.", "bad");
  }
}

/** What matters most in a call, in little space. */
function CallPicture({ call }: { call: OpenCall }): JSX.Element | null {
  const { host, commands, stage } = call;
  const session = call.session.value;
  if (session === null) return null;
  const { big, rest } = arrangeTiles(facesOf(session), {
    layout: "speaker",
    speaker: host.speaker.value,
    pinned: stage.pinned.value,
    closed: stage.closed.value,
  });
  const tile = big ?? rest[0];
  const { mic } = session.want;
  return (
    <main class="call-stage call-picture">
      <ul class="tiles" style={{ "--columns": 1, "--rows": 1 }}>
        {tile === undefined
          ? null
          : tile.kind === "face"
          ? <PersonTile host={host} face={tile.face} isBig={false} actions={null} />
          : (
            <ScreenTile
              face={tile.face}
              name={host.nameOf(tile.face.userId)}
              track={host.peers.value.get(tile.face.participantId)?.tracks.value.screen ?? null}
              tools={null}
            />
          )}
      </ul>
      <div class="call-main">
        <button
          type="button"
          class={mic ? "call-control" : "call-control is-off"}
          aria-label={mic ? "Mute" : "Unmute"}
          onClick={commands.toggleMic}
        >
          <Icon name={mic ? CALL_ICONS.mic : CALL_ICONS.micOff} />
        </button>
        <button type="button" class="call-control is-end" aria-label="Leave" onClick={commands.leave}>
          <Icon name={CALL_ICONS.hangUp} />
        </button>
      </div>
    </main>
  );
}
