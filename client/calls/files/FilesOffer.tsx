import type { JSX } from "preact";
import type { FileLabel } from "../../../shared/call/call_types.ts";
import { Button } from "../../ui/Button.tsx";
import { formatBytes } from "../../ui/format_bytes.ts";
import { Icon } from "../../ui/Icon.tsx";
import { FILE_ICONS } from "./file_icons.ts";
import { FileName } from "./FileName.tsx";
import { CANNOT_RECEIVE } from "./file_words.ts";

/** Names are shown of so many. */
const SHOWN_MAX_COUNT = 3;

/** Props of `FilesOffer`. */
export interface FilesOfferProps {
  /** Who offers. */
  readonly name: string;
  /** Whether they wait for the rest of these files, which were interrupted. */
  readonly isAsked: boolean;
  /** Empty if the sender does not say. */
  readonly files: readonly FileLabel[];
  readonly canReceive: boolean;
  readonly onAccept: () => void;
  readonly onDecline: () => void;
}

/** A call for files: no path to the other person is made before it is accepted. */
export function FilesOffer(
  { name, isAsked, files, canReceive, onAccept, onDecline }: FilesOfferProps,
): JSX.Element {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const canTake = canReceive || isAsked;
  const hidden = files.length - SHOWN_MAX_COUNT;
  return (
    <li class="file">
      <Icon name={FILE_ICONS.file} />
      <div class="file-words">
        <span class="file-by">
          <bdi>{name}</bdi> {isAsked ? "waits for the rest of" : "wants to send you"}{" "}
          {files.length === 0 ? "a file" : ""}
        </span>
        {files.slice(0, SHOWN_MAX_COUNT).map(({ name }, index) => <FileName key={index} name={name} />)}
        <span class="file-state">
          {[
            ...hidden > 0 ? [`and ${hidden} more`] : [],
            ...files.length > 0 ? [formatBytes(bytes)] : [],
          ].join(" · ")}
        </span>
        {canTake ? null : <span class="file-state is-bad">{CANNOT_RECEIVE}</span>}
        <div class="file-buttons">
          {canTake ? <Button kind="primary" onClick={onAccept}>{isAsked ? "Go on" : "Accept"}</Button> : null}
          <Button onClick={onDecline}>Decline</Button>
        </div>
      </div>
    </li>
  );
}
