import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import type { Workspace } from "../../shared/workspace.ts";
import { rightsOf } from "../auth/account_change_store.ts";
import { authorize } from "../auth/authorize.ts";
import type { UserRow } from "../auth/user_store.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { RowUpdates } from "../kv/row_updates.ts";

/** Settings before setup. */
const BEFORE_SETUP: Workspace = { name: "Parley", membersMayInvite: false };

/** Changes; omitted fields keep their value. */
export interface WorkspaceChange {
  readonly name?: string | undefined;
  readonly membersMayInvite?: boolean | undefined;
  readonly showsActivity?: boolean | undefined;
}

/** The settings of the workspace, first written at setup together with the owner. */
export class WorkspaceStore {
  readonly #db: Database;
  readonly #updates = new RowUpdates();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Returns the settings. */
  async get(): Promise<Workspace> {
    return (await this.#db.get<Workspace>(keys.workspace())).value ?? BEFORE_SETUP;
  }

  /** Changes settings if `by` may do so at commit time. */
  update(
    { name, membersMayInvite, showsActivity }: WorkspaceChange,
    by: UserId,
    signal?: AbortSignal,
  ): Promise<Workspace> {
    return this.#updates.run(keys.workspace(), async () => {
      const [entry, maker] = await this.#db.getMany<unknown>([keys.workspace(), keys.user(by)]) as [
        Deno.KvEntryMaybe<Workspace>,
        Deno.KvEntryMaybe<UserRow>,
      ];
      authorize(rightsOf(maker.value), "workspace.update", null);
      if (showsActivity !== undefined) authorize(rightsOf(maker.value), "workspace.showActivity", null);
      const workspace = entry.value;
      // The row also means that there is an owner: only setup may create it.
      if (workspace === null) throw new AppError("not_found", "The workspace is not set up yet");
      const next: Workspace = {
        name: name ?? workspace.name,
        membersMayInvite: membersMayInvite ?? workspace.membersMayInvite,
        ...(showsActivity ?? workspace.showsActivity ? { showsActivity: true } : {}),
      };
      const commit = { checks: [entry, maker], sets: [[entry.key, next] as const] };
      return await this.#db.commit(commit) === null ? null : next;
    }, signal);
  }
}
