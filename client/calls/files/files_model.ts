import { computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { IncomingFile } from "../../../shared/call/file_transfer.ts";
import type { FileLabel } from "../../../shared/call/call_types.ts";
import { newId } from "../../../shared/ids.ts";
import type { ParticipantId, UserId } from "../../../shared/ids.ts";
import { cardsOf, incomingKey } from "./cards_of.ts";
import { ExpectedFiles } from "./expected_files.ts";
import { isMoving, isOver, offerProblem, spaceProblem } from "./file_card.ts";
import type { FileCard, OfferProblem, SpaceProblem } from "./file_card.ts";
import { FileRates } from "./file_rates.ts";
import { freeBytes } from "./files_disk.ts";
import type { FilesDisk } from "./files_disk.ts";
import { KeptFiles } from "./kept_files.ts";
import { OfferQueue } from "./offer_queue.ts";
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
  readonly #queue = new OfferQueue();
  readonly #expected = new ExpectedFiles();
  #spaces: ReadonlyMap<string, SpaceProblem> = new Map();
  #turn: Promise<void> = Promise.resolve();
  #ticks: ReturnType<typeof setInterval> | undefined;
  #isDisposed = false;

  /** The oldest first. */
  readonly cards: ReadonlySignal<readonly FileCard[]> = this.#cards;
  /** Whether something is left to do after a reload. */
  readonly isKeeping: ReadonlySignal<boolean> = computed(() =>
    this.#kept.files.value.length > 0 || this.#cards.value.some((card) => !isOver(card))
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
      this.#queue.add({ ...one, peerId, fileId, phase: "calling" });
      void this.#sent.remember(peerId, fileId, one);
    }
    this.#offerQueued(peerId);
    this.#publish();
    return null;
  }

  /** Whether something is on its way from or to a person, or waits to be. */
  isBusyWith(peerId: UserId): boolean {
    return this.#cards.value.some((card) => card.peerId === peerId && !isOver(card));
  }

  /** Whether a device of a person is in the call. */
  isWith(peerId: UserId): boolean {
    return this.#deviceOf(peerId) !== undefined;
  }

  /** Returns what is to be sent to a person when they are there again. */
  interruptedWith(peerId: UserId): FileLabel[] {
    return this.#cards.value.filter((card) =>
      card.peerId === peerId && !card.isIncoming && ["interrupted", "lost_source"].includes(card.phase)
    ).map(({ name, size }) => ({ name, bytes: size }));
  }

  /** Accepts files by name and size that this person is about to offer. */
  expect(peerId: UserId, files: readonly FileLabel[]): void {
    this.#expected.expect(peerId, files);
  }

  /** Whoever was to join for these files did not. */
  giveUp(peerId: UserId): void {
    for (const { fileId } of this.#queue.giveUp(peerId)) this.#sent.forget(fileId);
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
    const link = this.#linkOf(card);
    if (link === undefined && !card.isIncoming) this.#deviceOf(card.peerId)?.link.withdraw(card.fileId);
    link?.act("cancel", card.fileId);
    this.#queue.remove(card.fileId);
    if (!card.isIncoming) this.#sent.forget(card.fileId);
    else if (!card.isConnected) this.#kept.drop(card.peerId, card.fileId);
    this.#publish();
  }

  /** Removes what is over, and deletes it if it lies here. */
  remove(card: FileCard): void {
    this.#linkOf(card)?.act("forget", card.fileId);
    this.#queue.remove(card.fileId);
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
    if (file !== null) this.#offer(card.peerId, card.fileId, { file, handle: null });
    return file !== null;
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
    for (const one of [this.#kept, this.#options.disk, this.#options.records]) one[Symbol.dispose]();
  }

  #follow(peers: ReadonlyMap<ParticipantId, FilesPeer>): void {
    for (const [id, known] of this.#peers) {
      if (!peers.has(id)) this.#close(id, known);
    }
    for (const [id, peer] of peers) {
      const known = this.#peers.get(id);
      if (known !== undefined) known.follow(peer);
      // Another tab, or a link that has ended, may have stored more since.
      else this.#turn = this.#turn.then(() => this.#kept.load()).then(() => this.#open(peer));
    }
    this.#publish();
  }

  #close(id: ParticipantId, peer: PeerFiles): void {
    this.#peers.delete(id);
    this.#queue.interrupt(peer.userId, peer.link.state.value.outgoing);
    peer[Symbol.dispose]();
  }

  #open(peer: FilesPeer): void {
    const id = peer.participantId;
    if (this.#isDisposed || this.#peers.has(id) || this.#options.peers.peek().get(id) !== peer) return;
    const { disk, onHanded } = this.#options;
    const files = new PeerFiles(peer, {
      disk,
      kept: this.#kept,
      onChange: (isNews) => isNews ? this.#publish() : this.#tickLater(),
      onOffered: (from, file) => this.#takeOffer(from, file),
      onOver: (fileId) => {
        this.#sent.forget(fileId);
        this.#queue.over(fileId);
      },
      onHanded: ({ participantId }, { name, size }) => onHanded(participantId, { name, bytes: size }),
    });
    this.#peers.set(id, files);
    this.#offerQueued(peer.userId);
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

  #offerQueued(peerId: UserId): void {
    if (!this.isWith(peerId)) return;
    for (const { fileId, file, handle } of this.#queue.take(peerId)) {
      this.#offer(peerId, fileId, { file, handle });
    }
  }

  #offer(peerId: UserId, fileId: string, picked: PickedFile): void {
    const device = this.#deviceOf(peerId);
    if (device === undefined) this.#queue.add({ ...picked, peerId, fileId, phase: "interrupted" });
    else this.#queue.offered(fileId, picked);
    device?.link.offer(fileId, picked.file);
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
      queued: this.#queue.files,
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
