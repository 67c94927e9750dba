import "./base.ts";
import { effect } from "@preact/signals";
import { render } from "preact";
import { App } from "./app/App.tsx";
import { AppModel } from "./app/app_model.ts";
import { followAttention, followKeyboard, followMedia } from "./app/browser_signals.ts";
import { LatePart } from "./app/late_part.ts";
import { findStorage } from "./app/page_storage.ts";
import { PreferencesModel } from "./app/preferences_model.ts";
import { Router } from "./app/router/router.ts";
import type { Api } from "./net/api.ts";
import { browserPlatform, followBrowser } from "./net/browser_platform.ts";
import { ConnectionModel } from "./net/connection_model.ts";
import { sessionTrpc } from "./net/session_trpc.ts";
import { forgetCopy } from "./offline/forget_copy.ts";
import { SessionModel } from "./session/session_model.ts";
import { withLateStyle } from "./ui/late_style.ts";
import { releaseVNodes } from "./ui/release_vnodes.ts";
import { ToastModel } from "./ui/toast_model.ts";

main();

/** Assembles the client; everything that opens something is created here and passed down. */
function main(): void {
  releaseVNodes();
  const storage = findStorage(globalThis.window);
  const preferences = new PreferencesModel(storage);
  effect(() => showTheme(preferences.theme.value));

  const router = new Router(globalThis.window);
  const browser = followBrowser();
  const connection = new ConnectionModel({ isDeviceOnline: browser.isDeviceOnline });
  const toasts = new ToastModel();
  const session: SessionModel = new SessionModel({
    api: sessionTrpc(location.origin),
    recall: () =>
      import("./app/offline_part.ts").then(
        (part) => part.recall({ connection, session, toasts }),
        () => null,
      ),
  });
  const parts = {
    chat: new LatePart(() => import("./app/chat_part.ts")),
    doctor: new LatePart(() => withLateStyle(import("./app/DoctorPart.tsx"))),
    signedOut: new LatePart(() => import("./app/SignedOutPages.tsx")),
  };
  // Load the rooms while the user types.
  addEventListener("input", () => void parts.chat.load(), { once: true });
  let api: Api | null = null;
  const { value: isAttentive } = followAttention(globalThis.window);
  const { value: isNarrow } = followMedia(globalThis.window, "(max-width: 640px)");
  const { value: isPanelOver } = followMedia(globalThis.window, "(max-width: 1000px)");
  followKeyboard(globalThis.window);

  const app = new AppModel({
    api: { connection, connect: () => api?.connect(), disconnect: () => api?.disconnect() },
    session,
    router,
    preferences,
    toasts,
    isNarrow,
    isPanelOver,
    forgetCopy,
    createChat: async (me) => {
      const part = await parts.chat.load();
      api ??= part.createApi({
        baseUrl: location.origin,
        connection,
        platform: browserPlatform(browser),
        onSessionEnded: (closeCode) => session.ended(closeCode),
      });
      return await part.createChat({
        api,
        me,
        storage,
        preferences,
        isAttentive,
        onNotice: (text) => toasts.show(text, "bad"),
        onRoomLost: (roomId) => app.roomLost(roomId),
        onMeChanged: (change) => session.update(change),
        onRoleChanged: () => void session.refresh(),
      });
    },
  });
  app.start();

  const root = document.getElementById("app");
  // Until then, the page shows that it is loading.
  root?.replaceChildren();
  if (root !== null) render(<App model={app} parts={parts} />, root);
}

/** The attribute overrides the theme of the system. */
function showTheme(theme: "system" | "light" | "dark"): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
