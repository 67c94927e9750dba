import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Room } from "../../shared/room.ts";
import type { CommandDoor } from "../composer/composer_scope.ts";
import { withLateStyle } from "../ui/late_style.ts";
import type { SignedIn } from "./app_context.ts";
import type { RoomCommands } from "./CommandsPart.tsx";
import { LatePart } from "./late_part.ts";

/** Commands of one room, with what they show above the box once they are loaded. */
export interface SlashCommands extends CommandDoor {
  readonly loaded: ReadonlySignal<RoomCommands | null>;
  /** The command that is read as soon as commands are loaded. */
  readonly waiting: ReadonlySignal<string | null>;
}

/** Makes the commands of one room; they are loaded when a text begins with a slash. */
export function slashCommands(context: SignedIn, room: Room): SlashCommands {
  const part = new LatePart(async () =>
    await (await withLateStyle(import("./CommandsPart.tsx"))).createCommands(context, room)
  );
  const waiting = signal<string | null>(null);
  return {
    loaded: part.value,
    waiting,
    typed(text) {
      if (text[0] === "/") void part.load();
      if (text !== waiting.peek()) waiting.value = null;
      part.value.peek()?.model.typed(text);
    },
    complete: (query) => part.value.value?.model.complete(query) ?? [],
    async submit(text) {
      const loaded = part.value.peek();
      if (loaded !== null) return await loaded.model.submit(text);
      waiting.value = text;
      const { model } = await part.load();
      // However often Enter was pressed, it counts once: the second would publish what nobody has seen.
      const wanted = waiting.peek();
      waiting.value = null;
      return wanted === null ? false : await model.submit(wanted);
    },
  };
}
