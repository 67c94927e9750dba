import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Props of `TrackVideo`. */
export interface TrackVideoProps {
  readonly track: MediaStreamTrack;
  /** What it shows; absent where the words beside it say so. */
  readonly label?: string;
  /** One's own picture is shown as in a mirror. */
  readonly isMirrored?: boolean;
  /** Shows the whole picture, with bars, instead of filling the place. */
  readonly isWhole?: boolean;
}

/** A moving picture without sound, which is played elsewhere. */
export function TrackVideo(props: TrackVideoProps): JSX.Element {
  const { track, label, isMirrored = false, isWhole = false } = props;
  const video = useRef<HTMLVideoElement>(null);
  useLayoutEffect(() => {
    const element = video.current;
    if (element === null) return;
    element.muted = true;
    element.srcObject = new MediaStream([track]);
    // Rejected if it is removed at once; a muted picture needs no gesture.
    element.play().catch(() => {});
    return () => element.srcObject = null;
  }, [track]);
  const classes = ["tile-picture", isMirrored ? "is-mirrored" : "", isWhole ? "is-whole" : ""];
  const named = label === undefined ? { "aria-hidden": "true" } as const : { "aria-label": label };
  return <video ref={video} class={classes.join(" ")} muted autoplay playsInline {...named} />;
}
