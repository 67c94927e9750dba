import type { ComponentChildren, JSX } from "preact";
import { hueOf, initialOf } from "./hue.ts";

/** What a face shows. */
export interface FaceProps {
  readonly id: string;
  readonly name: string;
  readonly size?: "xs" | "s" | "m" | "l";
  /** A presence dot, if any. */
  readonly children?: ComponentChildren;
}

/** A person's rounded square with the initial; decoration, since the name stands beside it. */
export function Face({ id, name, size = "m", children }: FaceProps): JSX.Element {
  return (
    <span class={`face hue face-${size}`} style={{ "--hue": hueOf(id) }}>
      <span aria-hidden="true">{initialOf(name)}</span>
      {children}
    </span>
  );
}
