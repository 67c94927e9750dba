import { computed } from "@preact/signals";
import { AdminModel } from "../admin/admin_model.ts";
import { AccountModel } from "../settings/account_model.ts";
import { PersonSettingsModel } from "../settings/person_settings_model.ts";
import type { Chat } from "./chat.ts";

/** Models that only dialogs use. */
export interface SettingsModels {
  readonly account: AccountModel;
  readonly admin: AdminModel;
  readonly person: PersonSettingsModel;
}

const made = new WeakMap<Chat, SettingsModels>();

/** Returns the models of a chat's dialogs, created on first use. */
export function settingsOf(chat: Chat): SettingsModels {
  const known = made.get(chat);
  if (known !== undefined) return known;
  const { trpc, users, connection, isAttentive, updateMe, onNotice } = chat;
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
    person: new PersonSettingsModel({
      api: trpc.settings,
      hasSocket: computed(() => connection.transport.value === "websocket"),
      isAttentive,
      onFailure: onNotice,
    }),
  };
  made.set(chat, models);
  return models;
}
