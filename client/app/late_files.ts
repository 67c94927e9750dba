import { computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Call } from "../../shared/call/call_types.ts";
import type { ParticipantId, RoomId, UserId } from "../../shared/ids.ts";
import { droppedFiles, pickFiles } from "../calls/files/picked_file.ts";
import type { PickedFile } from "../calls/files/picked_file.ts";
import type { SignedIn } from "./app_context.ts";
import type { Chat } from "./chat.ts";
import type { LateCall } from "./late_call.ts";
import { LatePart } from "./late_part.ts";
import type { OpenFiles } from "./open_files.ts";

/** The views of files, and the files themselves. */
type FilesPart = typeof import("./FilesPart.tsx");

/** Set while something lies in this browser, or is on its way. */
const KEPT_KEY = "parley-files";

/** The key of the note that this browser keeps files of a user. */
export function keptFilesKey(userId: UserId): string {
  return `${KEPT_KEY}-${userId}`;
}

/** Returns a call for files that somebody else has started and that nobody here has joined. */
export function offeredTo(me: UserId, call: Call): boolean {
  return call.purpose === "files" && call.startedBy !== me &&
    call.participants.every(({ userId }) => userId !== me);
}

const made = new WeakMap<Chat, LateFiles>();

/** Returns the files of a signed-in user, once there is something of calls. */
export function knownFilesOf({ chat }: SignedIn): LateFiles | null {
  return made.get(chat) ?? null;
}

/** Returns the files of a signed-in user. */
export function lateFilesOf(context: SignedIn, late: LateCall): LateFiles {
  const files = made.get(context.chat) ?? new LateFiles(context, late);
  made.set(context.chat, files);
  return files;
}

/** What is known of files before the part for them is needed, and that part once it is. */
export class LateFiles {
  readonly #context: SignedIn;
  readonly #late: LateCall;
  readonly #part = new LatePart<FilesPart>(() => import("./FilesPart.tsx"));
  readonly #opened = signal<{ readonly views: FilesPart; readonly files: OpenFiles } | null>(null);
  readonly #isDropping = signal(false);
  #opening: Promise<OpenFiles | null> | null = null;

  /** Null until files are needed: some are offered or kept here, or the user wants to send one. */
  readonly opened: ReadonlySignal<{ readonly views: FilesPart; readonly files: OpenFiles } | null> =
    this.#opened;
  /** Whether files are held over a room. */
  readonly isDropping: ReadonlySignal<boolean> = this.#isDropping;

  constructor(context: SignedIn, late: LateCall) {
    this.#context = context;
    this.#late = late;
  }

  /** Loads the part for files; null if this browser cannot run it. */
  open(): Promise<OpenFiles | null> {
    return this.#opening ??= this.#open();
  }

  /** Follows calls and what this browser keeps; files are pasted and dropped from now on. */
  start(): void {
    const { chat, me, app } = this.#context;
    const calls = computed(() => [...this.#late.models.value?.watch.calls.value.values() ?? []]);
    const isOffered = computed(() => calls.value.some((call) => offeredTo(me.id, call)));
    const stops = [
      effect(() => {
        if (isOffered.value || chat.storage.getItem(keptFilesKey(me.id)) !== null) void this.open();
      }),
      effect(() => this.#listen()),
    ];
    const { signal } = this.#end(stops);
    const send = (event: Event, data: DataTransfer | null) => {
      const roomId = app.roomId.peek();
      const { target } = event;
      if (roomId === null || data === null || !data.types.includes("Files") || !(target instanceof Element)) {
        return;
      }
      // A text that has a picture beside it is pasted as text.
      if (
        event.type === "paste" && (target.closest(".box-field") === null || data.types.includes("text/plain"))
      ) return;
      event.preventDefault();
      const participantId = target.closest("[data-participant]")?.getAttribute("data-participant") ?? null;
      this.#send(roomId, droppedFiles(data), participantId as ParticipantId | null);
    };
    document.addEventListener("paste", (event) => send(event, event.clipboardData), { signal });
    document.addEventListener("drop", (event) => {
      this.#isDropping.value = false;
      send(event, event.dataTransfer);
    }, { signal });
    document.addEventListener("dragover", (event) => {
      if (app.roomId.peek() === null || event.dataTransfer?.types.includes("Files") !== true) return;
      event.preventDefault();
      this.#isDropping.value = true;
    }, { signal });
    document.addEventListener("dragleave", (event) => {
      // Left the window, not one element for another.
      if (event.relatedTarget === null) this.#isDropping.value = false;
    }, { signal });
  }

  /** Lets the user choose files for a room; call it in the turn of a click. */
  choose(roomId: RoomId): void {
    this.#send(roomId, pickFiles(), null);
  }

  #send(roomId: RoomId, picked: Promise<readonly PickedFile[]>, participantId: ParticipantId | null): void {
    const opening = this.open();
    void picked.then(async (files) => (await opening)?.send(roomId, files, participantId));
  }

  /** Who sends says so before this side listens; without the part, nobody else would hear it. */
  #listen(): () => void {
    const stop = new AbortController();
    const { signal } = stop;
    for (const { filesChannel } of this.#late.opened.value?.call.model.peers.value.values() ?? []) {
      filesChannel.value?.addEventListener("message", () => void this.open(), { once: true, signal });
    }
    return () => stop.abort();
  }

  async #open(): Promise<OpenFiles | null> {
    const { chat, app } = this.#context;
    const views = await this.#part.load();
    if (chat.end.aborted) return null;
    try {
      const files = await views.openFiles(this.#context, this.#late);
      if (chat.end.aborted) files[Symbol.dispose]();
      else this.#opened.value = { views, files };
      return files;
    } catch {
      app.toasts.show("Files do not work in this browser.", "bad");
      return null;
    }
  }

  #end(stops: readonly (() => void)[]): AbortController {
    const ended = new AbortController();
    this.#context.chat.end.addEventListener("abort", () => {
      ended.abort();
      for (const stop of stops) stop();
      untracked(() => this.#opened.value?.files[Symbol.dispose]());
      this.#opened.value = null;
    });
    return ended;
  }
}
