import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Room } from "../../shared/room.ts";
import { withLateStyle } from "../ui/late_style.ts";
import { useSignedIn } from "./app_context.ts";
import { FIRST_VIEW_MS, LatePart } from "./late_part.ts";

/** The part of the client that has all dialogs. */
type OverlaysPart = typeof import("./Overlays.tsx");

const fetchPart = (): Promise<OverlaysPart> => withLateStyle(import("./Overlays.tsx"));

/** Dialogs, fetched after the rooms are drawn, or at once when one is opened. */
export function LazyOverlays({ room }: { room: Room | null }): JSX.Element | null {
  const { app } = useSignedIn();
  const { router, toasts } = app;
  const [part, setPart] = useState<OverlaysPart | null>(null);
  const isWanted = router.overlay.value !== null || router.place.value.type === "share";

  useEffect(() => {
    if (part !== null) return;
    const timer = setTimeout(() => {
      fetchPart().then(setPart).catch(() => {
        // The next click tries again.
        if (!isWanted) return;
        router.close();
        toasts.show("This could not be loaded. Check your connection and try again.", "bad");
      });
    }, isWanted ? 0 : FIRST_VIEW_MS);
    return () => clearTimeout(timer);
  }, [isWanted, part]);
  return part === null ? null : <part.Overlays room={room} />;
}

/** The notice of password resets, fetched if there were any, and again until it is loaded. */
export function LateResetNotice(): JSX.Element | null {
  const { app, chat, me } = useSignedIn();
  const part = useMemo(() => new LatePart(fetchPart), []);
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
