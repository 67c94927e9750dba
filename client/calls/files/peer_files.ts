import { effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { FilesState, IncomingFile, OutgoingFile } from "../../../shared/call/file_transfer.ts";
import { isFinal } from "../../../shared/call/file_transfer.ts";
import type { ParticipantId, UserId } from "../../../shared/ids.ts";
import type { FilesDisk } from "./files_disk.ts";
import { FilesLink } from "./files_link.ts";
import type { KeptFiles } from "./kept_files.ts";

/** Another device in the call, as far as files go. */
export interface FilesPeer {
  readonly participantId: ParticipantId;
  readonly userId: UserId;
  /** Open while it is not null. */
  readonly filesChannel: ReadonlySignal<RTCDataChannel | null>;
}

/** Options of `PeerFiles`. */
export interface PeerFilesOptions {
  readonly disk: FilesDisk;
  readonly kept: KeptFiles;
  /** Something has moved; `isNews` if a file is in another phase. */
  readonly onChange: (isNews: boolean) => void;
  readonly onOffered: (peer: PeerFiles, file: IncomingFile) => void;
  /** A file that was sent is over, whatever came of it. */
  readonly onOver: (fileId: string) => void;
  /** A file has arrived. */
  readonly onHanded: (peer: FilesPeer, file: IncomingFile) => void;
}

/** The files between this device and one other; keeps the records of the browser in step with them. */
export class PeerFiles implements Disposable {
  readonly link: FilesLink;
  readonly userId: UserId;
  readonly #options: PeerFilesOptions;
  #peer: FilesPeer;
  #stopChannel: () => void = () => {};
  readonly #stopState: () => void;
  #phases: ReadonlyMap<string, string> = new Map();

  constructor(peer: FilesPeer, options: PeerFilesOptions) {
    this.#options = options;
    this.#peer = peer;
    this.userId = peer.userId;
    const { disk, kept } = options;
    const { userId } = peer;
    this.link = new FilesLink({ userId, disk, recall: (fileId) => kept.recall(userId, fileId) });
    const stopHeld = effect(() => {
      void this.link.held.value;
      untracked(() => options.onChange(true));
    });
    const stopState = effect(() => {
      const state = this.link.state.value;
      untracked(() => this.#changed(state));
    });
    this.#stopState = () => {
      stopHeld();
      stopState();
    };
    this.follow(peer);
  }

  /** The same device by another object, after its link was made anew. */
  follow(peer: FilesPeer): void {
    this.#peer = peer;
    this.#stopChannel();
    this.#stopChannel = effect(() => {
      const channel = peer.filesChannel.value;
      untracked(() => this.link.setChannel(channel));
    });
  }

  [Symbol.dispose](): void {
    this.#stopChannel();
    this.#stopState();
    for (const { fileId, isOpen, stored } of this.link.state.peek().incoming) {
      if (isOpen) this.#options.kept.measured(this.userId, fileId, stored);
    }
    this.link[Symbol.dispose]();
  }

  #changed(state: FilesState): void {
    const before = this.#phases;
    const phases = phasesOf(state);
    this.#phases = phases;
    const hasChanged = ({ fileId, phase }: IncomingFile | OutgoingFile) => before.get(fileId) !== phase;
    const incoming = state.incoming.filter(hasChanged);
    const outgoing = state.outgoing.filter(hasChanged);
    for (const file of incoming) this.#arrived(file, before.get(file.fileId));
    for (const file of outgoing) if (isFinal(file)) this.#options.onOver(file.fileId);
    this.#options.onChange(incoming.length + outgoing.length > 0 || phases.size !== before.size);
  }

  /** What is restored is kept as it is; an offer that ends is nothing that could be kept. */
  #arrived(file: IncomingFile, before: string | undefined): void {
    const { kept, onOffered, onHanded } = this.#options;
    switch (file.phase) {
      case "offered":
        return onOffered(this, file);
      case "receiving":
        if (before === "offered") kept.keep(this.userId, file, false);
        return;
      case "done":
        if (before !== "checking") return;
        kept.keep(this.userId, file, true);
        return onHanded(this.#peer, file);
      case "cancelled":
      case "failed":
      case "damaged":
        if (before !== "offered") kept.drop(this.userId, file.fileId);
    }
  }
}

function phasesOf({ incoming, outgoing }: FilesState): ReadonlyMap<string, string> {
  return new Map([...incoming, ...outgoing].map(({ fileId, phase }) => [fileId, phase]));
}
