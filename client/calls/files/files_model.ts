import { computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { isFinal } from "../../../shared/call/file_transfer.ts";
import type { IncomingFile } from "../../../shared/call/file_transfer.ts";
import type { FileLabel } from "../../../shared/call/call_types.ts";
import { newId } from "../../../shared/ids.ts";
import type { ParticipantId, UserId } from "../../../shared/ids.ts";
import { cardsOf, incomingKey } from "./cards_of.ts";
import type { QueuedFile } from "./cards_of.ts";
import { ExpectedFiles } from "./expected_files.ts";
import { isMoving, isOver, offerProblem, spaceProblem } from "./file_card.ts";
import type { FileCard, OfferProblem, SpaceProblem } from "./file_card.ts";
import { FileRates } from "./file_rates.ts";
import { freeBytes } from "./files_disk.ts";
import type { FilesDisk } from "./files_disk.ts";
import { KeptFiles } from "./kept_files.ts";
import { PeerFiles } from "./peer_files.ts";
import type { FilesPeer } from "./peer_files.ts";
import type { PickedFile } from "./picked_file.ts";
import { SentFiles } from "./sent_files.ts";
import type { TransferRecords } from "./transfer_records.ts";

/** How often figures of moving files change. */
const TICK_MS = 500;

/** Options of `FilesModel`. */
export interface FilesModelOptions {
  readonly me: UserId;
  readonly disk: FilesDisk;
  readonly records: TransferRecords;
  /** The other devices in the call. */
  readonly peers: ReadonlySignal<ReadonlyMap<ParticipantId, FilesPeer>>;
  /** False if this browser has no place for files. */
  readonly canReceive: boolean;
  /** A file has arrived from a device. */
  readonly onHanded: (from: ParticipantId, file: FileLabel) => void;
  /** Epoch time in milliseconds. */
  readonly now?: () => number;
}

/** All files between this device and others, and what lies here to be saved. */
export class FilesModel implements Disposable {
  readonly #options: Required<FilesModelOptions>;
  readonly #kept: KeptFiles;
  readonly #sent: SentFiles;
  readonly #peers = new Map<ParticipantId, PeerFiles>();
  readonly #rates = new FileRates();
  readonly #cards = signal<readonly FileCard[]>([]);
  readonly #stops: (() => void)[] = [];
  #queued: readonly QueuedFile[] = [];
  /** What is offered and not over, in case that its device leaves and comes back. */
  readonly #offered = new Map<string, PickedFile>();
  readonly #expected = new ExpectedFiles();
  #spaces: ReadonlyMap<string, SpaceProblem> = new Map();
  #turn: Promise<void> = Promise.resolve();
  #ticks: ReturnType<typeof setInterval> | undefined;
  #isDisposed = false;

  /** The oldest first. */
  readonly cards: ReadonlySignal<readonly FileCard[]> = this.#cards;
  /** Whether something is left to do after a reload. */
  readonly isKeeping: ReadonlySignal<boolean> = computed(() =>
    this.#sent.paused.value.length + this.#kept.files.value.length > 0 ||
    this.#cards.value.some((card) => !isOver(card))
  );
  readonly canReceive: boolean;

  constructor(options: FilesModelOptions) {
    this.#options = { now: () => Date.now(), ...options };
    this.canReceive = options.canReceive;
    this.#kept = new KeptFiles(this.#options);
    this.#sent = new SentFiles(this.#options);
  }

  /** Reads what is kept in this browser, and follows who is in the call. */
  async start(): Promise<void> {
    await Promise.all([this.#kept.load(), this.#sent.load()]);
    if (this.#isDisposed) return;
    this.#stops.push(
      effect(() => {
        const peers = this.#options.peers.value;
        untracked(() => this.#follow(peers));
      }),
      effect(() => {
        void [this.#kept.files.value, this.#sent.paused.value];
        untracked(() => this.#publish());
      }),
    );
  }

  /** Offers files to a person: now, or when a device of theirs is there. */
  offer(peerId: UserId, picked: readonly PickedFile[]): OfferProblem {
    const problem = offerProblem(peerId, picked, this.#cards.value);
    if (problem !== null) return problem;
    for (const one of picked) {
      const fileId = newId();
      this.#queued = [...this.#queued, { ...one, peerId, fileId, phase: "calling" }];
      void this.#sent.remember(peerId, fileId, one);
    }
    this.#offerQueued();
    this.#publish();
    return null;
  }

  /** Whether something is on its way from or to a person, or waits to be. */
  isBusyWith(peerId: UserId): boolean {
    const isTheirs = (one: { readonly peerId: UserId }) => one.peerId === peerId;
    return this.#sent.paused.value.some(isTheirs) ||
      this.#cards.value.some((card) => isTheirs(card) && !isOver(card));
  }

  /** Accepts files by name and size that this person is about to offer. */
  expect(peerId: UserId, files: readonly FileLabel[]): void {
    this.#expected.expect(peerId, files);
  }

  /** Whoever was to join for these files did not. */
  giveUp(peerId: UserId): void {
    this.#queued = this.#queued.map((one) => {
      if (one.peerId !== peerId || one.phase !== "calling") return one;
      this.#sent.forget(one.fileId);
      return { ...one, phase: "declined" };
    });
    this.#publish();
  }

  /** Accepts an offer, if there is space for it. */
  async accept(card: FileCard): Promise<void> {
    const problem = spaceProblem(card, this.#cards.value, await freeBytes());
    const spaces = new Map(this.#spaces);
    if (problem === null) {
      spaces.delete(card.key);
      this.#linkOf(card)?.act("accept", card.fileId);
    } else {
      spaces.set(card.key, problem);
    }
    this.#spaces = spaces;
    this.#publish();
  }

  decline(card: FileCard): void {
    this.#linkOf(card)?.act("decline", card.fileId);
  }

  /** Ends a transfer. */
  cancel(card: FileCard): void {
    this.#linkOf(card)?.act("cancel", card.fileId);
    this.#queued = this.#queued.filter(({ fileId }) => fileId !== card.fileId);
    if (!card.isIncoming) this.#sent.forget(card.fileId);
    else if (!card.isConnected) this.#kept.drop(card.peerId, card.fileId);
    this.#publish();
  }

  /** Removes what is over, and deletes it if it lies here. */
  remove(card: FileCard): void {
    this.#linkOf(card)?.act("forget", card.fileId);
    this.#queued = this.#queued.filter(({ fileId }) => fileId !== card.fileId);
    if (card.isIncoming) this.#kept.remove(card.peerId, card.fileId);
    this.#publish();
  }

  /** Returns a file that has arrived, to be saved; null if it is not here any more. */
  take(card: FileCard): Promise<File | null> {
    return this.#kept.take(card.peerId, card.fileId);
  }

  /** Goes on sending with the file that the browser remembers; false if it has to be chosen again. */
  async resume(card: FileCard, mayAsk = true): Promise<boolean> {
    const record = this.#sent.paused.value.find(({ fileId }) => fileId === card.fileId);
    const file = record === undefined ? null : await this.#sent.reopen(record, mayAsk);
    if (file === null) return false;
    this.#offer(card.peerId, card.fileId, { file, handle: null });
    return true;
  }

  /** Goes on sending with a file that was chosen again; false if it is another one. */
  async resumeWith(card: FileCard, file: File): Promise<boolean> {
    const record = this.#sent.paused.value.find(({ fileId }) => fileId === card.fileId);
    if (record === undefined || !await this.#sent.matches(record, file)) return false;
    this.#offer(card.peerId, card.fileId, { file, handle: null });
    return true;
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearInterval(this.#ticks);
    for (const stop of this.#stops.splice(0)) stop();
    for (const peer of this.#peers.values()) peer[Symbol.dispose]();
    this.#peers.clear();
    const { disk, records } = this.#options;
    for (const one of [this.#kept, disk, records]) one[Symbol.dispose]();
  }

  #follow(peers: ReadonlyMap<ParticipantId, FilesPeer>): void {
    for (const [id, known] of this.#peers) {
      if (peers.has(id)) continue;
      this.#close(id, known);
    }
    for (const [id, peer] of peers) {
      const known = this.#peers.get(id);
      if (known !== undefined) known.follow(peer);
      // Another tab, or a link that has ended, may have stored more since.
      else this.#turn = this.#turn.then(() => this.#kept.load()).then(() => this.#open(peer));
    }
    this.#publish();
  }

  /** What is not over goes on when the person comes back. */
  #close(id: ParticipantId, peer: PeerFiles): void {
    this.#peers.delete(id);
    for (const file of peer.link.state.value.outgoing) {
      const picked = this.#offered.get(file.fileId);
      if (isFinal(file) || picked === undefined) continue;
      const { userId: peerId } = peer;
      this.#queued = [...this.#queued, { ...picked, peerId, fileId: file.fileId, phase: "interrupted" }];
    }
    peer[Symbol.dispose]();
  }

  #open(peer: FilesPeer): void {
    const id = peer.participantId;
    if (this.#isDisposed || this.#peers.has(id) || this.#options.peers.peek().get(id) !== peer) return;
    const { disk, onHanded } = this.#options;
    const files = new PeerFiles(peer, {
      disk,
      kept: this.#kept,
      sent: this.#sent,
      onChange: (isNews) => isNews ? this.#publish() : this.#tickLater(),
      onOffered: (from, file) => this.#takeOffer(from, file),
      onHanded: ({ participantId }, { name, size }) => onHanded(participantId, { name, bytes: size }),
    });
    this.#peers.set(id, files);
    this.#offerQueued();
    void this.#resumePaused(peer.userId);
    this.#publish();
  }

  /** What the browser may still read goes on by itself. */
  async #resumePaused(peerId: UserId): Promise<void> {
    for (const record of this.#sent.paused.value.filter((one) => one.peerId === peerId)) {
      const file = await this.#sent.reopen(record, false);
      if (file !== null) this.#offer(peerId, record.fileId, { file, handle: null });
    }
  }

  #offerQueued(): void {
    for (const one of this.#queued) {
      if (one.phase === "declined" || this.#deviceOf(one.peerId) === undefined) continue;
      this.#queued = this.#queued.filter((each) => each !== one);
      this.#offer(one.peerId, one.fileId, one);
    }
  }

  #offer(peerId: UserId, fileId: string, picked: PickedFile): void {
    this.#deviceOf(peerId)?.link.offer(fileId, picked.file);
    this.#offered.set(fileId, picked);
    this.#sent.resumed(fileId);
  }

  #takeOffer({ userId }: PeerFiles, file: IncomingFile): void {
    if (!this.#expected.take(userId, file)) return;
    // After the state that tells of it.
    queueMicrotask(() => {
      const card = this.#cards.value.find(({ key }) => key === incomingKey(userId, file.fileId));
      if (card !== undefined) void this.accept(card);
    });
  }

  #deviceOf(userId: UserId): PeerFiles | undefined {
    return [...this.#peers.values()].find((one) => one.userId === userId);
  }

  #linkOf({ peerId, fileId, isIncoming }: FileCard): PeerFiles["link"] | undefined {
    return [...this.#peers.values()].find(({ userId, link }) => {
      const { incoming, outgoing } = link.state.value;
      return userId === peerId && (isIncoming ? incoming : outgoing).some((file) => file.fileId === fileId);
    })?.link;
  }

  #tickLater(): void {
    this.#ticks ??= setInterval(() => this.#publish(), TICK_MS);
  }

  #publish(): void {
    if (this.#isDisposed) return;
    const cards = cardsOf({
      peers: [...this.#peers.values()],
      queued: this.#queued,
      kept: this.#kept.files.value,
      storedOf: (record) => this.#kept.storedOf(record),
      paused: this.#sent.paused.value,
      spaces: this.#spaces,
      before: this.#cards.value,
    });
    this.#cards.value = this.#rates.follow(cards, performance.now());
    if (cards.some(isMoving)) return this.#tickLater();
    clearInterval(this.#ticks);
    this.#ticks = undefined;
  }
}
