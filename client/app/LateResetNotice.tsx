import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { ResetNotice } from "../settings/ResetNotice.tsx";
import { withLateStyle } from "../ui/late_style.ts";
import { useSignedIn } from "./app_context.ts";
import { LatePart } from "./late_part.ts";

/** The part of it that comes with the dialogs. */
interface ResetNoticePart {
  readonly ResetNotice: typeof ResetNotice;
}

/** The notice of password resets, fetched for whom there were any, and tried again until it is there. */
export function LateResetNotice(): JSX.Element | null {
  const { app, chat, me } = useSignedIn();
  const part = useMemo(
    () => new LatePart<ResetNoticePart>(() => withLateStyle(import("./Overlays.tsx"))),
    [],
  );
  useEffect(() => void part.load(), [part]);
  const loaded = part.value.value;
  return loaded === null ? null : (
    <loaded.ResetNotice
      me={me}
      storage={chat.storage}
      onChangePassword={() => app.router.open("settings")}
    />
  );
}
