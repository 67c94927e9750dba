import { batch, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomId } from "../../shared/ids.ts";
import type { Status, StatusIncident, StatusMaintenance } from "../../shared/status/status.ts";
import type { Outputs, Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";
import type { Failure } from "../ui/failure.ts";
import { FormFields } from "./form_fields.ts";
import type { FieldTexts } from "./form_fields.ts";

/** What owners and admins see beside the public status. */
export type StatusSettings = Outputs["status"]["settings"];

/** The part of the page that is open. */
export type ManageView =
  | { readonly type: "list" | "open_incident" | "plan" | "announce" | "components" }
  | { readonly type: "incident" | "maintenance"; readonly id: string };

/** A room that can hear of something. */
export interface TellableRoom {
  readonly id: RoomId;
  readonly name: string;
}

/** Options of `ManageModel`. */
export interface ManageOptions {
  readonly api: Trpc["status"];
  /** The public status, which its subscription keeps current. */
  readonly status: ReadonlySignal<Status | null>;
  readonly drafts: ReadonlySignal<readonly StatusIncident[]>;
  /** Reads drafts again. */
  readonly readDrafts: () => Promise<void>;
  /** Rooms in which the user may write. */
  readonly rooms: ReadonlySignal<readonly TellableRoom[]>;
}

const LIST: ManageView = { type: "list" };

/** Incidents, maintenance, announcements and components, for those who manage the public status. */
export class ManageModel {
  readonly api: Trpc["status"];
  readonly status: ReadonlySignal<Status | null>;
  readonly drafts: ReadonlySignal<readonly StatusIncident[]>;
  readonly rooms: ManageOptions["rooms"];
  readonly #readDrafts: ManageOptions["readDrafts"];
  readonly #settings = signal<StatusSettings | null>(null);
  readonly #failure = signal<Failure | null>(null);
  readonly #view = signal<ManageView>(LIST);
  readonly #forms = new Map<string, FormFields>();

  /** Null until it is loaded. */
  readonly settings: ReadonlySignal<StatusSettings | null> = this.#settings;
  /** Why the last load failed. */
  readonly failure: ReadonlySignal<Failure | null> = this.#failure;
  readonly view: ReadonlySignal<ManageView> = this.#view;

  constructor({ api, status, drafts, readDrafts, rooms }: ManageOptions) {
    this.api = api;
    this.status = status;
    this.drafts = drafts;
    this.rooms = rooms;
    this.#readDrafts = readDrafts;
  }

  /** Loads what is not public. */
  async load(): Promise<void> {
    try {
      const [settings] = await Promise.all([this.api.settings.query(undefined), this.#readDrafts()]);
      batch(() => {
        this.#settings.value = settings;
        this.#failure.value = null;
      });
      this.#dropForms();
    } catch (error) {
      this.#failure.value = readFailure(error);
    }
  }

  /** Opens a part of the page. */
  show(view: ManageView): void {
    this.#view.value = view;
  }

  /** Returns to the overview. */
  back(): void {
    this.#view.value = LIST;
  }

  /** Changes something, and reads what it led to. */
  async change(action: () => Promise<unknown>): Promise<void> {
    await action();
    await this.load();
  }

  /** Corrects a text of an incident or a maintenance. */
  editUpdate(id: string, updateId: string, text: string): Promise<void> {
    return this.change(() => this.api.editUpdate.mutate({ id, updateId, text }));
  }

  /** Returns what was typed into a form, also before the dialog was closed. The other fields have `initial`. */
  form(key: string, initial: FieldTexts = {}): FormFields {
    const form = this.#forms.get(key) ?? new FormFields();
    this.#forms.set(key, form);
    form.begin(initial);
    return form;
  }

  /** Name of the room that hears of an incident or a maintenance; null if the user is in none that does. */
  roomNameOf(id: string): string | null {
    const told = this.#settings.value?.rooms.find((one) => one.id === id);
    return this.rooms.value.find((room) => room.id === told?.roomId)?.name ?? null;
  }

  /** Finds an incident among drafts, open ones and those that are over. */
  incident(id: string): { readonly incident: StatusIncident; readonly isDraft: boolean } | null {
    const draft = this.drafts.value.find((one) => one.id === id);
    if (draft !== undefined) return { incident: draft, isDraft: true };
    const known = [
      ...this.status.value?.incidents ?? [],
      ...this.#settings.value?.closedIncidents ?? [],
    ];
    const incident = known.find((one) => one.id === id);
    return incident === undefined ? null : { incident, isDraft: false };
  }

  /** Finds a maintenance that is public. */
  maintenance(id: string): StatusMaintenance | null {
    return this.status.value?.maintenances.find((one) => one.id === id) ?? null;
  }

  /** Forgets what was typed about incidents and maintenance that are gone. */
  #dropForms(): void {
    if (this.status.value === null) return;
    for (const key of this.#forms.keys()) {
      const [kind, id = ""] = key.split(" ");
      const isGone = kind === "incident" && this.incident(id) === null ||
        kind === "maintenance" && this.maintenance(id) === null;
      if (isGone) this.#forms.delete(key);
    }
  }
}
