import type { UserId } from "../../shared/ids.ts";
import { toPublicText } from "../../shared/status/public_text.ts";
import { judge } from "../auth/account_change_store.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { RowUpdates } from "../kv/row_updates.ts";
import { invalidInput } from "../rpc/input_schemas.ts";
import { COMPONENTS_MAX_COUNT } from "./components.ts";
import type { ComponentDefinition } from "./components.ts";
import { publishedTexts } from "./public_text_store.ts";

/** What owners and admins changed of a component; what is absent is as it comes. */
export interface ComponentSettings {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly group?: string | undefined;
  readonly position?: number | undefined;
  readonly isHidden?: boolean | undefined;
}

/** A component as owners and admins see it: hidden ones too, without measurements. */
export interface ComponentEntry {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly group: string | null;
  readonly position: number;
  readonly hidden: boolean;
}

/** What the store works with. */
export interface ComponentStoreOptions {
  readonly db: Database;
  readonly isComponent: (id: string) => boolean;
  readonly definitions: readonly ComponentDefinition[];
}

/** Earlier releases stored texts as they were typed. */
function withoutRests(settings: ComponentSettings): ComponentSettings {
  const entries = Object.entries(settings).map(([field, value]) => [
    field,
    typeof value === "string" ? toPublicText(value) : value,
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== ""));
}

/** Owns names, groups and order of components. */
export class ComponentStore {
  readonly #options: ComponentStoreOptions;
  readonly #updates = new RowUpdates();

  /** Works on a database. */
  constructor(options: ComponentStoreOptions) {
    this.#options = options;
  }

  /** Reads all that was changed, by the component's id. */
  async all(): Promise<Map<string, ComponentSettings>> {
    const rows = await this.#options.db.list<ComponentSettings>(keys.statusComponents(), {
      limit: COMPONENTS_MAX_COUNT,
    });
    return new Map(rows.map(({ key, value }) => [String(key.at(-1)), withoutRests(value)]));
  }

  /** Lists all components in the order of the page. */
  async list(): Promise<ComponentEntry[]> {
    const settings = await this.all();
    return this.#options.definitions.map((definition, index) => {
      const { id } = definition;
      const { name, description, group, position, isHidden } = settings.get(id) ?? {};
      return {
        id,
        name: name ?? definition.name,
        description: description ?? definition.description,
        group: group ?? null,
        position: position ?? index + 1,
        hidden: isHidden === true,
      };
    }).sort((a, b) => a.position - b.position);
  }

  /** Changes what is given and leaves the rest; an empty text takes a change back. */
  async set(id: string, changes: ComponentSettings, by: UserId): Promise<ComponentSettings> {
    const { db, isComponent } = this.#options;
    if (!isComponent(id)) throw invalidInput("id", `Must be a component, not "${id}"`);
    const cleaned = await publishedTexts(db, changes);
    return await this.#updates.run(keys.statusComponent(id), async () => {
      const judged = await judge(db, by, "status.manage");
      const entry = await db.get<ComponentSettings>(keys.statusComponent(id));
      const given = Object.entries(cleaned).filter(([, value]) => value !== undefined);
      const all = Object.entries({ ...entry.value, ...Object.fromEntries(given) });
      const next: ComponentSettings = Object.fromEntries(all.filter(([, value]) => value !== ""));
      const commit = { checks: [entry, ...judged], sets: [[entry.key, next] as const] };
      return await db.commit(commit) === null ? null : next;
    });
  }
}
