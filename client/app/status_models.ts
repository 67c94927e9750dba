import { BannerModel } from "../status/banner_model.ts";
import { DraftWatch } from "../status/draft_watch.ts";
import { ManageModel } from "../status/manage_model.ts";
import type { Chat } from "./chat.ts";

/** Models of the public status of a signed-in user. */
export interface StatusModels {
  readonly banner: BannerModel;
  readonly drafts: DraftWatch;
  readonly manage: ManageModel;
}

const made = new WeakMap<Chat, StatusModels>();

/** Returns the models of a chat, created on first use: the banner has the only subscription. */
export function statusOf(chat: Chat): StatusModels {
  const known = made.get(chat);
  if (known !== undefined) return known;
  const banner = new BannerModel({ storage: chat.storage });
  const api = chat.trpc.status;
  const drafts = new DraftWatch({ api, onDrafts: (all) => banner.setDrafts(all) });
  const manage = new ManageModel({
    api,
    status: banner.status,
    drafts: banner.drafts,
    readDrafts: () => drafts.read(),
    rooms: chat.rooms.named,
  });
  const models = { banner, drafts, manage };
  made.set(chat, models);
  return models;
}
