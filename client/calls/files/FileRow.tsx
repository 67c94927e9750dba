import type { JSX } from "preact";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { isInterrupted, isOver } from "./file_card.ts";
import type { FileCard } from "./file_card.ts";
import { FILE_ICONS } from "./file_icons.ts";
import { FileName } from "./FileName.tsx";
import { CANNOT_RECEIVE, describeFile } from "./file_words.ts";

/** What the person does with a file. */
export interface FileActs {
  readonly onAccept: (card: FileCard) => void;
  readonly onDecline: (card: FileCard) => void;
  readonly onCancel: (card: FileCard) => void;
  readonly onSave: (card: FileCard) => void;
  readonly onResume: (card: FileCard) => void;
  readonly onRemove: (card: FileCard) => void;
  /** Meets the other person again; null while there is a call. */
  readonly onGoOn: ((card: FileCard) => void) | null;
}

/** Props of `FileRow`. */
export interface FileRowProps extends FileActs {
  readonly card: FileCard;
  /** The other person. */
  readonly name: string;
  readonly canReceive: boolean;
}

/** One file: what it is, where it is, and what to do about it. */
export function FileRow(props: FileRowProps): JSX.Element {
  const { card, name, canReceive } = props;
  const { phase, isIncoming, doneBytes, size } = card;
  const isAsked = isIncoming && phase === "offered";
  const hasFailed = phase === "failed" || phase === "damaged" || card.space !== null;
  const hasBar = ["sending", "receiving", "awaited", "checking"].includes(phase);
  return (
    <li class="file">
      <Icon name={FILE_ICONS.file} />
      <div class="file-words">
        {isAsked
          ? (
            <span class="file-by">
              <bdi>{name}</bdi> wants to send you
            </span>
          )
          : null}
        <FileName name={card.name} />
        <span class={hasFailed ? "file-state is-bad" : "file-state"}>
          {isAsked && !canReceive ? CANNOT_RECEIVE : describeFile(card, name)}
        </span>
        {hasBar
          ? <progress class="file-bar" max={Math.max(1, size)} value={doneBytes} aria-label={card.name} />
          : null}
        <FileButtons {...props} />
      </div>
      {isAsked ? null : <EndButton {...props} />}
    </li>
  );
}

/** The ones with words: at most two. */
function FileButtons(
  { card, canReceive, onAccept, onDecline, onSave, onResume, onGoOn }: FileRowProps,
): JSX.Element | null {
  const { phase, isIncoming, isKept, isSaved, hasHandle } = card;
  if (phase === "offered" && isIncoming) {
    return (
      <div class="file-buttons">
        {canReceive ? <Button kind="primary" onClick={() => onAccept(card)}>Accept</Button> : null}
        <Button onClick={() => onDecline(card)}>Decline</Button>
      </div>
    );
  }
  if (phase === "lost_source") {
    return (
      <div class="file-buttons">
        <Button onClick={() => onResume(card)}>{hasHandle ? "Go on" : "Choose the file"}</Button>
      </div>
    );
  }
  if (onGoOn !== null && isInterrupted(card)) {
    return (
      <div class="file-buttons">
        <Button onClick={() => onGoOn(card)}>Go on</Button>
      </div>
    );
  }
  if (!isKept) return null;
  return (
    <div class="file-buttons">
      <Button kind={isSaved ? "plain" : "primary"} icon={FILE_ICONS.download} onClick={() => onSave(card)}>
        {isSaved ? "Save again" : "Save"}
      </Button>
    </div>
  );
}

function EndButton({ card, onCancel, onRemove }: FileRowProps): JSX.Element {
  const isEnded = isOver(card);
  const isLost = card.isKept && !card.isSaved;
  const verb = isEnded ? isLost ? "Delete" : "Remove" : "Cancel";
  return (
    <IconButton
      icon={isLost ? "trash" : "x"}
      class="is-small"
      label={`${verb} ${card.name}`}
      onClick={() => isEnded ? onRemove(card) : onCancel(card)}
    />
  );
}
