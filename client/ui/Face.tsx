import type { ComponentChildren, JSX } from "preact";
import { hueOf } from "./hue.ts";
import { initialOf } from "./initial.ts";

/** Props of `Face`. */
export interface FaceProps {
  readonly id: string;
  readonly name: string;
  readonly size?: "xs" | "s" | "m";
  /** A presence dot, if any. */
  readonly children?: ComponentChildren;
}

/** A user's avatar, a rounded square with an initial; decorative, since the name is next to it. */
export function Face({ id, name, size = "m", children }: FaceProps): JSX.Element {
  return (
    <span class={`face hue face-${size}`} style={{ "--hue": hueOf(id) }}>
      <span aria-hidden="true">{initialOf(name)}</span>
      {children}
    </span>
  );
}
