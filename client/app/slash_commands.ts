import type { ReadonlySignal } from "@preact/signals";
import type { CommandDoor } from "../composer/composer_scope.ts";
import { withLateStyle } from "../ui/late_style.ts";
import type { SignedIn } from "./app_context.ts";
import type { RoomCommands } from "./CommandsPart.tsx";
import { LatePart } from "./late_part.ts";

/** Commands of one room, with what they show above the box once they are loaded. */
export interface SlashCommands extends CommandDoor {
  readonly loaded: ReadonlySignal<RoomCommands | null>;
}

/** Makes the commands of one room; they are loaded when a text begins with a slash. */
export function slashCommands(context: SignedIn): SlashCommands {
  const part = new LatePart(async () =>
    (await withLateStyle(import("./CommandsPart.tsx"))).createCommands(context)
  );
  return {
    loaded: part.value,
    typed(text) {
      if (text[0] === "/") void part.load();
      part.value.peek()?.model.typed(text);
    },
    complete: (query) => part.value.value?.model.complete(query) ?? [],
    submit: async (text) => (await part.load()).model.submit(text),
  };
}
