import { computed, effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { FILE_MAX_BYTES } from "../../shared/call/file_message.ts";
import { FILES_MAX_COUNT } from "../../shared/call/file_transfer.ts";
import { sessionOf } from "../../shared/call/call_state.ts";
import type { CallEnd, CallSession } from "../../shared/call/call_state.ts";
import type { Call, FileLabel } from "../../shared/call/call_types.ts";
import type { ParticipantId, RoomId, UserId } from "../../shared/ids.ts";
import type { RemotePeer } from "../calls/call_parts.ts";
import { FilesDisk, hasStorage } from "../calls/files/files_disk.ts";
import { FilesModel } from "../calls/files/files_model.ts";
import type { PickedFile } from "../calls/files/picked_file.ts";
import { deleteTransferRecords, openTransferRecords } from "../calls/files/transfer_records.ts";
import { folderOf } from "../calls/files/worker_messages.ts";
import { pause } from "../net/wait.ts";
import { readWireError } from "../net/wire_error.ts";
import { formatBytes } from "../ui/format_bytes.ts";
import type { SignedIn } from "./app_context.ts";
import type { LateCall } from "./late_call.ts";
import { keptFilesKey, offeredTo } from "./late_files.ts";
import type { OpenCall } from "./open_call.ts";
import { openFilesWorker } from "./trusted_types.ts";

const NO_MEDIA = { mic: false, cam: false };
const NOBODY: ReadonlyMap<ParticipantId, RemotePeer> = new Map();
/** A call for files ends when nothing is left to do for this long. */
const LEAVE_AFTER_MS = 3_000;
/** The server takes a file a second. */
const TELL_MAX_TRIES = 4;
const JOIN_FIRST = "Join the call to send files.";
const OFFLINE = "Files go from browser to browser: both of you have to be online.";

/** Options of `OpenFiles`. */
export interface OpenFilesOptions {
  readonly context: SignedIn;
  readonly late: LateCall;
  readonly model: FilesModel;
}

/** Opens the files of a signed-in user. */
export async function openFiles(context: SignedIn, late: LateCall): Promise<OpenFiles> {
  const folder = folderOf(context.me.id);
  const { FILES_WORKER_URL } = await import("../calls/files/files_worker.ts");
  const [records, canReceive] = await Promise.all([openTransferRecords(), hasStorage()]);
  const model = new FilesModel({
    me: context.me.id,
    disk: new FilesDisk(openFilesWorker(FILES_WORKER_URL, folder), folder),
    records,
    canReceive,
    peers: computed(() => late.opened.value?.call.model.peers.value ?? NOBODY),
    onHanded: (from, file) => void tellHanded(context, late, { from, ...file }),
  });
  await model.start();
  return new OpenFiles({ context, late, model });
}

/** Notes in the room what was handed over. */
async function tellHanded(
  { chat }: SignedIn,
  late: LateCall,
  file: FileLabel & { readonly from: ParticipantId },
): Promise<void> {
  const call = late.opened.peek()?.call;
  const callId = call === undefined ? null : sessionOf(call.model.state.peek())?.callId ?? null;
  if (call === undefined || callId === null) return;
  for (let tries = 1; tries <= TELL_MAX_TRIES; tries++) {
    try {
      await chat.trpc.calls.fileDone.mutate({ tabId: call.tabId, callId, ...file });
      return;
    } catch (error) {
      const { isRetryable, retryAfterMs } = readWireError(error);
      // The file is here all the same.
      if (!isRetryable) return;
      await pause(Math.max(1_000, retryAfterMs));
    }
  }
}

/** The files of this tab, and the calls that exist for them alone. */
export class OpenFiles implements Disposable {
  readonly model: FilesModel;
  readonly #context: SignedIn;
  readonly #late: LateCall;
  readonly #stops: (() => void)[] = [];
  #leaving: ReturnType<typeof setTimeout> | undefined;

  /** Calls for files that others have started, and that nobody here has answered. */
  readonly offers: ReadonlySignal<readonly Call[]> = computed(() =>
    [...this.#late.models.value?.watch.calls.value.values() ?? []]
      .filter((call) => offeredTo(this.#context.me.id, call))
  );

  /** Whether this tab is in no call. */
  readonly isFree: ReadonlySignal<boolean> = computed(() => {
    const state = this.#late.opened.value?.call.model.state.value;
    return state === undefined || sessionOf(state) === null;
  });

  constructor({ context, late, model }: OpenFilesOptions) {
    this.#context = context;
    this.#late = late;
    this.model = model;
    this.#stops.push(
      effect(() => this.#follow()),
      effect(() => {
        const { storage } = context.chat;
        if (model.isKeeping.value) storage.setItem(keptFilesKey(context.me.id), "1");
        else storage.removeItem(keptFilesKey(context.me.id));
      }),
    );
  }

  /** Offers files in a room: to the people in its call, to one of them, or to the other one of a direct room. */
  async send(
    roomId: RoomId,
    picked: readonly PickedFile[],
    participantId: ParticipantId | null = null,
  ): Promise<void> {
    if (picked.length === 0) return;
    const call = await this.#late.open(this.#context);
    const session = sessionOf(call.model.state.peek());
    const { chat } = this.#context;
    if (session?.roomId === roomId && session.purpose === "talk") {
      if (session.call?.topology === "sfu") {
        return this.#say("In a call of this size files cannot be sent. Send them in a direct room.");
      }
      const peers = call.model.peers.peek();
      const chosen = participantId === null ? undefined : peers.get(participantId);
      const others = chosen === undefined ? [...peers.values()] : [chosen];
      if (others.length === 0) return this.#say("There is nobody else in the call.");
      for (const userId of new Set(others.map((peer) => peer.userId))) this.#offer(userId, picked);
      return;
    }
    const peerId = chat.rooms.peerOf(roomId);
    if (peerId === null) {
      return this.#say("Files go from person to person: start a call, or write to one person.");
    }
    if (!this.#canMeet(call, roomId, peerId)) return;
    if (!this.#offer(peerId, picked) || session !== null) return;
    this.#start(call, roomId, picked.map(({ file }) => ({ name: file.name, bytes: file.size })));
  }

  /** Meets a person again, with whom files were interrupted, in a call for them. */
  async goOn(peerId: UserId): Promise<void> {
    const { app, chat } = this.#context;
    if (this.model.isWith(peerId)) return;
    const call = await this.#late.open(this.#context);
    await app.attempt(async () => {
      const { id: roomId } = await chat.rooms.openDirect(peerId);
      if (sessionOf(call.model.state.peek()) !== null || !this.#canMeet(call, roomId, peerId)) return;
      this.#start(call, roomId, this.model.interruptedWith(peerId));
    });
  }

  /** Joins a call for files: only now the other side learns an address. */
  async accept({ callId, roomId, startedBy, files = [] }: Call): Promise<void> {
    const call = await this.#late.open(this.#context);
    const session = sessionOf(call.model.state.peek());
    if (session !== null) return this.#say(this.#busy(session));
    this.model.expect(startedBy, files);
    call.model.act({ type: "join", callId, roomId, isDirect: true, purpose: "files", media: NO_MEDIA });
  }

  /** Ends a call for files without joining it. */
  decline({ callId }: Call): void {
    const tabId = this.#late.models.peek()?.tabId;
    const { app, chat } = this.#context;
    if (tabId === undefined) return;
    void app.attempt(() => chat.trpc.calls.decline.mutate({ tabId, callId, reason: "declined" }));
  }

  /** Lets go of everything; what was received stays in the browser. */
  [Symbol.dispose](): void {
    clearTimeout(this.#leaving);
    for (const stop of this.#stops.splice(0)) stop();
    this.model[Symbol.dispose]();
    // The server's answer has deleted what this browser had stored; this page may have opened its part of it since.
    const session = this.#context.app.session.state.peek();
    if (session.type === "signed_out" && session.reason === "signed_out") deleteTransferRecords();
  }

  /** Whether a call for files can be in a direct room now; says why if not. */
  #canMeet(call: OpenCall, roomId: RoomId, peerId: UserId): boolean {
    const session = sessionOf(call.model.state.peek());
    if (this.#context.chat.presence.stateOf(peerId).status === "offline") this.#say(OFFLINE);
    else if (call.runningIn(roomId) !== null) this.#say(JOIN_FIRST);
    else if (session !== null && session.roomId !== roomId) this.#say(this.#busy(session));
    else return true;
    return false;
  }

  /** Starts a call for files, or joins the one that waits in the room. */
  #start(call: OpenCall, roomId: RoomId, files: readonly FileLabel[]): void {
    call.model.act({
      type: "start",
      roomId,
      isDirect: true,
      purpose: "files",
      media: NO_MEDIA,
      ring: [],
      files,
    });
  }

  #offer(userId: UserId, picked: readonly PickedFile[]): boolean {
    const problem = this.model.offer(userId, picked);
    if (problem === "too_large") this.#say(`Files can have up to ${formatBytes(FILE_MAX_BYTES)}.`);
    if (problem === "too_many") {
      this.#say(`At most ${FILES_MAX_COUNT} files can be on their way to one person.`);
    }
    return problem === null;
  }

  /** Follows the call: leaves one for files when they are over, and gives up when nobody came. */
  #follow(): void {
    const call = this.#late.opened.value?.call;
    clearTimeout(this.#leaving);
    if (call === undefined) return;
    const { state, returnable } = call.model;
    const { stage } = state.value;
    if (returnable.value?.purpose === "files") return untracked(() => call.model.returnToCall());
    if (stage.phase === "ended" && stage.end.purpose === "files") {
      return untracked(() => this.#ended(call, stage.end));
    }
    const session = sessionOf(state.value);
    if (session?.purpose !== "files") return;
    // Whoever joined may still be waiting for what is offered.
    const { call: running } = session;
    if (
      running?.startedBy !== this.#context.me.id || running.purpose !== "files" || this.#isBusyIn(session)
    ) return;
    this.#leaving = setTimeout(() => call.model.act({ type: "leave" }), LEAVE_AFTER_MS);
  }

  #ended(call: OpenCall, { roomId, code, reason }: CallEnd): void {
    const peerId = this.#context.chat.rooms.peerOf(roomId);
    // In a call that takes this one over, the files go on.
    const isTakenOver = call.runningIn(roomId) !== null;
    if (peerId !== null && !isTakenOver) {
      this.model.giveUp(peerId);
      this.model.expect(peerId, []);
    }
    if (code === "wrong_state" && isTakenOver) this.#say(JOIN_FIRST);
    else if (reason === "answered_elsewhere") this.#say("You accepted them on another device.");
    else if (code === "wrong_state") this.#say(OFFLINE);
    else if (code !== null) this.#say("The files could not be offered. Try again.");
    call.model.act({ type: "dismiss" });
  }

  #isBusyIn({ roomId }: CallSession): boolean {
    const peerId = this.#context.chat.rooms.peerOf(roomId);
    return peerId !== null && this.model.isBusyWith(peerId);
  }

  #busy({ purpose }: CallSession): string {
    return purpose === "talk"
      ? "Leave your call first."
      : "Other files are on their way. Wait until they are there.";
  }

  #say(text: string): void {
    this.#context.app.toasts.show(text, "bad");
  }
}
