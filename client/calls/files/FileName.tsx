import type { JSX } from "preact";

/** The end tells the type of a file, so it is never cut off. */
const END_CHARACTERS = 8;

/** The name of a file, in one line; what is too long loses its middle. */
export function FileName({ name }: { readonly name: string }): JSX.Element {
  const characters = [...name];
  return (
    <bdi class="file-name" title={name}>
      <span>{characters.slice(0, -END_CHARACTERS).join("")}</span>
      <span>{characters.slice(-END_CHARACTERS).join("")}</span>
    </bdi>
  );
}
