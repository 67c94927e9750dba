import "../base.ts";
import "../calls/base.ts";
import type { CallSession } from "../../shared/call/call_state.ts";
import { CALL_ICONS } from "../calls/call_icons.ts";
import { FILE_ICONS } from "../calls/files/file_icons.ts";
import { mayHaveKeys } from "../calls/media/may_have_keys.ts";
import { PictureInPicture } from "../calls/media/picture_in_picture.ts";
import type { MenuItem } from "../ui/Menu.tsx";
import { canCallSomebody } from "./callees.ts";
import { knownFilesOf } from "./late_files.ts";
import { openPicture } from "./CallPicture.tsx";
import type { OpenCall } from "./open_call.ts";

/** Dialogs of a call. */
export type CallDialogName = "devices" | "ring" | "figures";

/** Options of `callMenu`. */
export interface CallMenuOptions {
  readonly session: CallSession;
  /** Whether the call fills the screen. */
  readonly isFull: boolean;
  /** What can fill the screen. */
  readonly element: () => HTMLElement | null;
  readonly onDialog: (name: CallDialogName) => void;
}

/** Lists what is behind "More" in a call. */
export function callMenu(
  call: OpenCall,
  { session, isFull, element, onDialog }: CallMenuOptions,
): MenuItem[] {
  const { stage, preferences, devices, commands } = call;
  const { isPushToTalk } = preferences.settings.value;
  const isGrid = stage.layout.value === "grid";
  const items: MenuItem[] = [
    {
      label: session.want.hand ? "Lower hand" : "Raise hand",
      icon: CALL_ICONS.hand,
      onSelect: commands.toggleHand,
    },
    {
      label: isGrid ? "Show who speaks" : "Show everybody",
      icon: isGrid ? CALL_ICONS.speakerView : CALL_ICONS.grid,
      onSelect: () => stage.setLayout(isGrid ? "speaker" : "grid"),
    },
    {
      label: "Send a file",
      icon: FILE_ICONS.paperclip,
      onSelect: () => knownFilesOf(call.context)?.choose(session.roomId),
    },
    { label: "Devices", icon: CALL_ICONS.headphones, onSelect: () => onDialog("devices") },
  ];
  if (session.want.cam && devices.canFlip.value) {
    items.push({ label: "Other camera", icon: CALL_ICONS.cameraFlip, onSelect: () => devices.flip() });
  }
  if (session.rings.size > 0 && !session.isDirect) {
    items.push({
      label: "Stop ringing",
      icon: CALL_ICONS.ringing,
      onSelect: () => call.model.act({ type: "cancel_rings" }),
    });
  } else if (canCallSomebody(call, session)) {
    items.push({ label: "Ring somebody", icon: CALL_ICONS.ringing, onSelect: () => onDialog("ring") });
  }
  if (PictureInPicture.isThere) {
    items.push({
      label: "Picture in picture",
      icon: CALL_ICONS.pictureInPicture,
      onSelect: () => void openPicture(call),
    });
  }
  if (document.fullscreenEnabled) {
    items.push({
      label: isFull ? "Leave full screen" : "Full screen",
      icon: isFull ? CALL_ICONS.shrink : CALL_ICONS.expand,
      onSelect: () => fillScreen(element()),
    });
  }
  if (isPushToTalk || mayHaveKeys()) {
    items.push({
      label: isPushToTalk ? "Stop push to talk" : "Push to talk (hold Space)",
      icon: CALL_ICONS.mic,
      onSelect: () => preferences.set({ isPushToTalk: !isPushToTalk }),
    });
  }
  items.push({ label: "Connection", icon: CALL_ICONS.figures, onSelect: () => onDialog("figures") });
  return items;
}

function fillScreen(element: HTMLElement | null): void {
  if (document.fullscreenElement !== null) void document.exitFullscreen();
  // Refused outside of the turn of a click.
  else element?.requestFullscreen().catch(() => {});
}
