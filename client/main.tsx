import { effect } from "@preact/signals";
import { render } from "preact";
import { App } from "./app/App.tsx";
import { AppModel } from "./app/app_model.ts";
import { sessionApiOf } from "./app/api_parts.ts";
import { followAttention, followMedia } from "./app/browser_signals.ts";
import { createChat } from "./app/chat.ts";
import { findStorage } from "./app/page_storage.ts";
import { PreferencesModel } from "./app/preferences_model.ts";
import { Router } from "./app/router/router.ts";
import { followKeyboard } from "./app/viewport.ts";
import { createApi } from "./net/api.ts";
import { SessionModel } from "./session/session_model.ts";
import { ToastModel } from "./ui/toast_model.ts";

main();

/** Puts the client together; everything that opens something is made here and passed down. */
function main(): void {
  const storage = findStorage(globalThis.window);
  const preferences = new PreferencesModel(storage);
  effect(() => showTheme(preferences.theme.value));

  const router = new Router(globalThis.window);
  const api = createApi({
    baseUrl: location.origin,
    onSessionEnded: (closeCode) => session.ended(closeCode),
  });
  const session = new SessionModel({ api: sessionApiOf(api.trpc) });
  const toasts = new ToastModel();
  const { value: isAttentive } = followAttention(globalThis.window);
  const { value: isNarrow } = followMedia(globalThis.window, "(max-width: 640px)");
  const { value: isPanelOver } = followMedia(globalThis.window, "(max-width: 1000px)");
  followKeyboard(globalThis.window);

  const app = new AppModel({
    api,
    session,
    router,
    preferences,
    toasts,
    isNarrow,
    isPanelOver,
    createChat: (me) =>
      createChat({
        api,
        me,
        storage,
        preferences,
        isAttentive,
        onNotice: (text) => toasts.show(text, "bad"),
        onRoomLost: (roomId) => app.roomLost(roomId),
        onMeChanged: (change) => session.update(change),
      }),
  });
  app.start();

  const root = document.getElementById("app");
  if (root !== null) render(<App model={app} />, root);
}

/** The attribute decides over what the system wants; without it the system does. */
function showTheme(theme: "system" | "light" | "dark"): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
