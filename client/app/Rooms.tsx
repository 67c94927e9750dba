import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Me } from "../../shared/user.ts";
import { Announcer } from "../ui/Announcer.tsx";
import { AppContext } from "./app_context.ts";
import type { AppModel } from "./app_model.ts";
import type { Chat } from "./chat.ts";
import { makePeopleView } from "./make_people_view.ts";
import { Shell } from "./Shell.tsx";

/** All that a signed-in person sees. */
export function Rooms({ app, chat, me }: { app: AppModel; chat: Chat; me: Me }): JSX.Element {
  const people = useMemo(() => makePeopleView(chat, me.id), [chat, me.id]);
  const value = useMemo(() => ({ app, chat, me, people }), [app, chat, me, people]);
  return (
    <AppContext.Provider value={value}>
      <Shell />
      <Announcer model={chat.announcer} />
    </AppContext.Provider>
  );
}
