import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { completeCommand } from "../../shared/commands/complete_command.ts";
import { parseCommand } from "../../shared/commands/parse_command.ts";
import type { Command, CommandSurroundings } from "../../shared/commands/parse_command.ts";
import type { RoomId } from "../../shared/ids.ts";
import type { Status } from "../../shared/status/status.ts";
import type { Trpc } from "../net/trpc.ts";
import { failureText } from "./failure_text.ts";
import { PreviewModel } from "./preview_model.ts";

/** What the box shows about the command in it. */
export type CommandState =
  | { readonly type: "none" }
  | { readonly type: "problem"; readonly text: string }
  | CommandPreview;

/** A command that Enter publishes, once it is shown as strangers will see it. */
export interface CommandPreview {
  readonly type: "preview";
  readonly command: Command;
  readonly isBusy: boolean;
}

/** Options of `CommandModel`. */
export interface CommandOptions {
  readonly api: Trpc["status"];
  readonly isManager: boolean;
  /** The room in which it is typed, if it can hear of what is opened. */
  readonly roomId: RoomId | null;
  readonly status: ReadonlySignal<Status | null>;
  /** A sentence about what was done. */
  readonly onDone: (text: string) => void;
  readonly now?: () => number;
}

/** An item of the list that opens while a command is typed. */
export interface CommandItem {
  readonly id: string;
  readonly sigil: "/";
  readonly label: string;
  readonly insert: string;
}

const NONE: CommandState = { type: "none" };

/** Commands of one room: the first Enter shows what strangers will see, the second publishes it. */
export class CommandModel {
  readonly #options: CommandOptions;
  readonly #state = signal<CommandState>(NONE);
  #text = "";

  readonly state: ReadonlySignal<CommandState> = this.#state;
  /** What strangers will see of the command in the box. */
  readonly preview: PreviewModel;

  constructor(options: CommandOptions) {
    this.#options = options;
    this.preview = new PreviewModel(options.api);
  }

  /** Current names of components, for the preview. */
  nameOf(componentId: string): string {
    const components = this.#options.status.value?.components ?? [];
    return components.find(({ id }) => id === componentId)?.name ?? componentId;
  }

  /** Lists how the command could go on; `query` is without its slash. */
  complete(query: string): readonly CommandItem[] {
    return completeCommand(query, this.#around()).map(({ insert, label, about }) => ({
      id: insert,
      sigil: "/",
      label: about === "" ? label : `${label}: ${about}`,
      insert: `/${insert}`,
    }));
  }

  /** The text has changed: what was shown is not about it any more. */
  typed(text: string): void {
    const state = this.#state.peek();
    if (text === this.#text || (state.type === "preview" && state.isBusy)) return;
    this.#text = text;
    this.preview[Symbol.dispose]();
    this.#state.value = NONE;
  }

  /** Enter was pressed; resolves to true if the command was carried out and the box can be emptied. */
  async submit(text: string): Promise<boolean> {
    const state = this.#state.peek();
    if (state.type !== "preview" || text !== this.#text) {
      this.#text = text;
      const parsed = parseCommand(text, this.#around());
      this.#state.value = parsed.type === "problem" ? parsed : { ...parsed, type: "preview", isBusy: false };
      if (parsed.type !== "problem") this.preview.show(parsed.command, 0);
      return false;
    }
    const { command } = state;
    if (!this.preview.isOf(command)) this.preview.retry();
    if (state.isBusy || !this.preview.isOf(command)) return false;
    this.#state.value = { type: "preview", command, isBusy: true };
    try {
      await this.#run(command);
      this.#state.value = NONE;
      this.#options.onDone(DONE[command.type]);
      return true;
    } catch (error) {
      this.#state.value = { type: "problem", text: failureText(error) };
      return false;
    }
  }

  #around(): CommandSurroundings {
    const { isManager, status, now = Date.now } = this.#options;
    return { isManager, status: status.value, now: now() };
  }

  async #run(command: Command): Promise<void> {
    const { api, roomId } = this.#options;
    const room = roomId === null ? {} : { roomId };
    switch (command.type) {
      case "open_incident": {
        const { title, text, components, impact } = command;
        const given = impact === null ? {} : { impact };
        await api.openIncident.mutate({ title, text, components: [...components], ...given, ...room });
        return;
      }
      case "update_incident": {
        const { id, state, text } = command;
        await api.updateIncident.mutate({ id, state, text });
        return;
      }
      case "announce": {
        const { level, text, expiresAt } = command;
        await api.announce.mutate({ level, text, ...expiresAt === null ? {} : { expiresAt }, ...room });
        return;
      }
      case "plan_maintenance": {
        const { title, text, components, startsAt, endsAt } = command;
        const plan = { title, text, components: [...components], startsAt, endsAt };
        await api.planMaintenance.mutate({ ...plan, ...room });
        return;
      }
      case "update_maintenance": {
        const { id, state, text, endsAt } = command;
        await api.updateMaintenance.mutate({ id, state, text, ...endsAt === null ? {} : { endsAt } });
        return;
      }
    }
  }
}

const DONE: Readonly<Record<Command["type"], string>> = {
  open_incident: "The incident is public.",
  update_incident: "The update is public.",
  announce: "Everybody is told.",
  plan_maintenance: "The maintenance is announced.",
  update_maintenance: "The update is public.",
};
