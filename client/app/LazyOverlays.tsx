import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Room } from "../../shared/room.ts";
import { withLateStyle } from "../ui/late_style.ts";
import { useSignedIn } from "./app_context.ts";
import type { Overlays } from "./Overlays.tsx";

/** The rooms stand by then, and the network is idle. */
const FETCH_AFTER_MS = 2_000;

/** The part of the client that holds all dialogs. */
interface OverlaysPart {
  readonly Overlays: typeof Overlays;
}

/** Dialogs, fetched after the rooms are drawn, or at once when one is asked for. */
export function LazyOverlays({ room }: { room: Room | null }): JSX.Element | null {
  const { app } = useSignedIn();
  const { router, toasts } = app;
  const [part, setPart] = useState<OverlaysPart | null>(null);
  const isWanted = router.overlay.value !== null;

  useEffect(() => {
    if (part !== null) return;
    const timer = setTimeout(() => {
      withLateStyle(import("./Overlays.tsx")).then(setPart).catch(() => {
        // Offline before its first use: the next click tries again.
        if (!isWanted) return;
        router.close();
        toasts.show("This could not be loaded. Check your connection and try again.", "bad");
      });
    }, isWanted ? 0 : FETCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isWanted, part]);
  return part === null ? null : <part.Overlays room={room} />;
}
