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
  const { card, name, canReceive, onGoOn } = props;
  const { phase, isIncoming, doneBytes, size } = card;
  const isAsked = isIncoming && phase === "offered";
  const canGoOn = onGoOn !== null && isInterrupted(card);
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
          {isAsked && !canReceive ? CANNOT_RECEIVE : describeFile(card, name, canGoOn)}
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

/** The ones with words: at most two. For those who do not see the row, each says which file it is about. */
function FileButtons(
  { card, canReceive, onAccept, onDecline, onSave, onResume, onGoOn }: FileRowProps,
): JSX.Element | null {
  const { phase, isIncoming, isKept, isSaved, hasHandle } = card;
  const about = (verb: string) => ({ "aria-label": `${verb} ${card.name}` });
  if (phase === "offered" && isIncoming) {
    return (
      <div class="file-buttons">
        {canReceive
          ? <Button kind="primary" {...about("Accept")} onClick={() => onAccept(card)}>Accept</Button>
          : null}
        <Button {...about("Decline")} onClick={() => onDecline(card)}>Decline</Button>
      </div>
    );
  }
  if (phase === "lost_source") {
    return (
      <div class="file-buttons">
        {hasHandle
          ? <Button {...about("Go on with")} onClick={() => onResume(card)}>Go on</Button>
          : <Button {...about("Choose the file")} onClick={() => onResume(card)}>Choose the file</Button>}
      </div>
    );
  }
  if (onGoOn !== null && isInterrupted(card)) {
    return (
      <div class="file-buttons">
        <Button {...about("Go on with")} onClick={() => onGoOn(card)}>Go on</Button>
      </div>
    );
  }
  if (!isKept) return null;
  const save = isSaved ? "Save again" : "Save";
  return (
    <div class="file-buttons">
      <Button
        kind={isSaved ? "plain" : "primary"}
        icon={FILE_ICONS.download}
        {...about(save)}
        onClick={() => onSave(card)}
      >
        {save}
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
