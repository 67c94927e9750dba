import type { CallAct } from "../../shared/call/call_acts.ts";
import { sessionOf } from "../../shared/call/call_state.ts";
import type { CallState } from "../../shared/call/call_state.ts";
import type { ToldMedia } from "../../shared/call/call_types.ts";

/** What buttons and keys do in a call. */
export interface CallCommands {
  readonly toggleMic: () => void;
  readonly toggleCamera: () => void;
  /** To be called in the turn of a click or a key: browsers ask for the screen only then. */
  readonly toggleScreen: () => void;
  readonly toggleHand: () => void;
  readonly leave: () => void;
}

/** Makes the commands of a call; without one, they do nothing. */
export function callCommands(
  { state, act }: { readonly state: { peek(): CallState }; readonly act: (act: CallAct) => void },
): CallCommands {
  const change = (turn: (want: ToldMedia) => CallAct) => () => {
    const session = sessionOf(state.peek());
    if (session !== null) act(turn(session.want));
  };
  return {
    toggleMic: change(({ mic }) => ({ type: "media", media: { mic: !mic } })),
    toggleCamera: change(({ cam }) => ({ type: "media", media: { cam: !cam } })),
    toggleScreen: change(({ screen }) => ({
      type: "media",
      media: { screen: !screen, screenAudio: !screen },
    })),
    toggleHand: change(({ hand }) => ({ type: "hand", isRaised: !hand })),
    leave: change(() => ({ type: "leave" })),
  };
}
