import { effect } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { RemotePeer } from "../call_parts.ts";
import { NEW_QUALITY, reduceQuality } from "./link_quality.ts";
import type { LinkQuality } from "./link_quality.ts";

/** Follows how well the link to somebody works, as long as the view is there. */
export function useLinkQuality(peer: Pick<RemotePeer, "figures" | "phase"> | null): LinkQuality {
  const [quality, setQuality] = useState<LinkQuality>(NEW_QUALITY.shown);
  useEffect(() => {
    let state = NEW_QUALITY;
    setQuality(state.shown);
    if (peer === null) return;
    return effect(() => {
      // After a new connection everything is measured anew.
      const isUp = peer.phase.value === "up";
      state = isUp ? reduceQuality(state, peer.figures.value, performance.now()) : NEW_QUALITY;
      setQuality(state.shown);
    });
  }, [peer]);
  return quality;
}
