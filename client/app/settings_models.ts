import { AdminModel } from "../admin/admin_model.ts";
import { AccountModel } from "../settings/account_model.ts";
import type { Chat } from "./chat.ts";

/** Models that only dialogs use. */
export interface SettingsModels {
  readonly account: AccountModel;
  readonly admin: AdminModel;
}

const made = new WeakMap<Chat, SettingsModels>();

/** Returns the models of a chat's dialogs, created on first use. */
export function settingsOf(chat: Chat): SettingsModels {
  const known = made.get(chat);
  if (known !== undefined) return known;
  const { trpc, users, updateMe } = chat;
  const models = {
    account: new AccountModel({
      api: trpc,
      onRenamed: (name) => {
        updateMe({ name });
        void users.load();
      },
    }),
    admin: new AdminModel({
      api: trpc,
      onWorkspaceRenamed: (workspaceName) => updateMe({ workspaceName }),
      onUsersChanged: () => void users.load(),
    }),
  };
  made.set(chat, models);
  return models;
}
