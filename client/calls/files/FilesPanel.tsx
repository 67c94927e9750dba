import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { UserId } from "../../../shared/ids.ts";
import { Icon } from "../../ui/Icon.tsx";
import { useKeptFocus } from "../../ui/use_kept_focus.ts";
import type { FileCard } from "./file_card.ts";
import { isOver, isSettled } from "./file_card.ts";
import { FILE_ICONS } from "./file_icons.ts";
import { FileRow } from "./FileRow.tsx";
import type { FilesModel } from "./files_model.ts";
import { FilesOffer } from "./FilesOffer.tsx";
import type { FilesOfferProps } from "./FilesOffer.tsx";
import { pickFiles } from "./picked_file.ts";
import { saveFile } from "./save_file.ts";

/** Props of `FilesPanel`. */
export interface FilesPanelProps {
  readonly model: Pick<
    FilesModel,
    "cards" | "canReceive" | "accept" | "decline" | "cancel" | "remove" | "take" | "resume" | "resumeWith"
  >;
  /** Calls for files that nobody has answered here. */
  readonly offers: readonly (FilesOfferProps & { readonly key: string })[];
  /** Meets a person again, with whom something was interrupted; null while there is a call. */
  readonly onGoOn: ((userId: UserId) => void) | null;
  readonly nameOf: (userId: UserId) => string;
  /** Tells what went wrong after an act. */
  readonly onProblem: (text: string) => void;
}

/** All files that come and go, over whatever else is shown. */
export function FilesPanel(
  { model, offers, onGoOn, nameOf, onProblem }: FilesPanelProps,
): JSX.Element | null {
  const [isFolded, setFolded] = useState(false);
  const { ref, onFocusIn } = useKeptFocus<HTMLElement>();
  const cards = model.cards.value;
  if (cards.length + offers.length === 0) return null;
  const save = async (card: FileCard) => {
    const file = await model.take(card);
    if (file === null) onProblem("This file is no longer kept here.");
    else saveFile(file, card.name);
  };
  const resume = async (card: FileCard) => {
    if (card.hasHandle && await model.resume(card)) return onGoOn?.(card.peerId);
    const [picked] = await pickFiles({ isMultiple: false });
    if (picked === undefined) return;
    if (await model.resumeWith(card, picked.file)) onGoOn?.(card.peerId);
    else onProblem(`This is another file. Choose ${card.name} as it was.`);
  };
  const settled = cards.filter(isSettled);
  const offered = cards.filter(({ phase, isIncoming }) =>
    model.canReceive && isIncoming && phase === "offered"
  );
  const unsaved = cards.filter(({ isKept, isSaved }) => isKept && !isSaved);
  const openCount = cards.filter((card) => !isOver(card)).length;
  return (
    <section class="files" aria-label="Files" ref={ref} onFocusIn={onFocusIn}>
      <header class="files-head">
        <h2>{openCount === 0 ? "Files" : `Files · ${openCount}`}</h2>
        <ForAll
          words="Accept all"
          cards={offered}
          onEach={(card) => void model.accept(card)}
          leastCount={2}
        />
        <ForAll words="Save all" cards={unsaved} onEach={(card) => void save(card)} leastCount={2} />
        <ForAll words="Clear" cards={settled} onEach={(card) => model.remove(card)} />
        <button
          type="button"
          class={isFolded ? "icon-button is-small files-fold is-folded" : "icon-button is-small files-fold"}
          aria-label={isFolded ? "Show files" : "Hide files"}
          aria-expanded={!isFolded}
          onClick={() => setFolded(!isFolded)}
        >
          <Icon name={FILE_ICONS.chevronDown} />
        </button>
      </header>
      <ul class="files-list" aria-live="polite" aria-relevant="additions" hidden={isFolded}>
        {offers.map(({ key, ...offer }) => <FilesOffer key={key} {...offer} />)}
        {cards.map((card) => (
          <FileRow
            key={card.key}
            card={card}
            name={nameOf(card.peerId)}
            canReceive={model.canReceive}
            onAccept={(one) => void model.accept(one)}
            onDecline={(one) => model.decline(one)}
            onCancel={(one) => model.cancel(one)}
            onRemove={(one) => model.remove(one)}
            onSave={(one) => void save(one)}
            onResume={(one) => void resume(one)}
            onGoOn={onGoOn === null ? null : ({ peerId }) => onGoOn(peerId)}
          />
        ))}
      </ul>
    </section>
  );
}

interface ForAllProps {
  readonly words: string;
  readonly cards: readonly FileCard[];
  readonly onEach: (card: FileCard) => void;
  /** For fewer files, their own buttons are enough. */
  readonly leastCount?: number;
}

/** A button that does the same with several files. */
function ForAll({ words, cards, onEach, leastCount = 1 }: ForAllProps): JSX.Element | null {
  if (cards.length < leastCount) return null;
  return (
    <button type="button" class="files-clear" onClick={() => cards.forEach((card) => onEach(card))}>
      {words}
    </button>
  );
}
