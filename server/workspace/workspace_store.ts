import { AppError } from "../../shared/errors.ts";
import type { Workspace } from "../../shared/workspace.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { RowUpdates } from "../kv/row_updates.ts";

/** What holds before setup has written anything. */
const BEFORE_SETUP: Workspace = { name: "Parley", membersMayInvite: false };

/** What changes; what is left out stays. */
export interface WorkspaceChange {
  readonly name?: string | undefined;
  readonly membersMayInvite?: boolean | undefined;
}

/** The place's own settings. Setup writes them first, together with the first owner. */
export class WorkspaceStore {
  readonly #db: Database;
  readonly #updates = new RowUpdates();

  /** Works on `db`. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Gives the settings. */
  async get(): Promise<Workspace> {
    return (await this.#db.get<Workspace>(keys.workspace())).value ?? BEFORE_SETUP;
  }

  /** Changes settings, two at the same moment one after the other. */
  update({ name, membersMayInvite }: WorkspaceChange, signal?: AbortSignal): Promise<Workspace> {
    return this.#updates.run(keys.workspace(), async () => {
      const entry = await this.#db.get<Workspace>(keys.workspace());
      const workspace = entry.value;
      // Its row says that there is an owner: only setup may make it.
      if (workspace === null) throw new AppError("not_found", "There is no workspace yet");
      const next: Workspace = {
        name: name ?? workspace.name,
        membersMayInvite: membersMayInvite ?? workspace.membersMayInvite,
      };
      return await this.#db.commit({ checks: [entry], sets: [[entry.key, next]] }) === null ? null : next;
    }, signal);
  }
}
