import "../base.ts";
import type { JSX } from "preact";
import type { Room } from "../../shared/room.ts";
import { isAdmin } from "../admin/is_admin.ts";
import { CommandBar } from "../status/CommandBar.tsx";
import { CommandModel } from "../status/command_model.ts";
import type { SignedIn } from "./app_context.ts";
import { statusOf } from "./status_models.ts";

/** Commands of one room. */
export interface RoomCommands {
  readonly model: CommandModel;
  /** Shown above the box. */
  readonly bar: JSX.Element;
}

/** Makes the commands of a room's composer, which need to know how things stand. */
export async function createCommands({ app, chat, me }: SignedIn, room: Room): Promise<RoomCommands> {
  const { banner } = statusOf(chat);
  if (banner.status.peek() === null) {
    const status = await chat.trpc.status.current.query();
    if (banner.status.peek() === null) banner.apply({ type: "snapshot", status });
  }
  const model = new CommandModel({
    api: chat.trpc.status,
    isManager: isAdmin(me.role),
    // No bot joins a direct room.
    roomId: room.kind === "direct" ? null : room.id,
    status: banner.status,
    onDone: (text) => app.toasts.show(text),
  });
  return { model, bar: <CommandBar model={model} /> };
}
