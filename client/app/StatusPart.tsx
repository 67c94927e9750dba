import "../base.ts";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { computed } from "@preact/signals";
import { isAdmin } from "../admin/is_admin.ts";
import { followPublicEvents } from "../net/public_events.ts";
import { BannerModel } from "../status/banner_model.ts";
import { followStatus } from "../status/status_subscription.ts";
import { StatusBanner } from "../status/StatusBanner.tsx";
import { useSignedIn } from "./app_context.ts";
import { findStorage } from "./page_storage.ts";
import { statusOf } from "./status_models.ts";

/** The banner of a signed-in user. */
export function RoomsStatus(): JSX.Element {
  const { app, chat, me } = useSignedIn();
  const { connection, router } = app;
  const isManager = isAdmin(me.role);
  const { banner: model, drafts, manage } = statusOf(chat);
  useEffect(() => {
    model.start(globalThis.window);
    const isConnected = connection.isOpen;
    const stopFollowing = followStatus({
      api: chat.trpc.status,
      isConnected,
      hasSocket: computed(() => connection.transport.value === "websocket"),
      onEvent: (event) => model.apply(event),
    });
    const stopDrafts = isManager ? drafts.follow({ isConnected, status: model.status }) : () => {};
    return () => {
      stopFollowing();
      stopDrafts();
      model[Symbol.dispose]();
    };
  }, [model, isManager]);
  return (
    <StatusBanner
      model={model}
      onReview={() => {
        manage.back();
        router.open("public_status");
      }}
    />
  );
}

/** The banner of the sign-in page. */
export function SignInStatus(): JSX.Element {
  const model = useMemo(() => new BannerModel({ storage: findStorage(globalThis.window) }), []);
  useEffect(() => {
    model.start(globalThis.window);
    const stopFollowing = followPublicEvents({
      url: new URL("/status/events", location.origin).href,
      page: document,
      onEvent: (event) => model.apply(event),
    });
    return () => {
      stopFollowing();
      model[Symbol.dispose]();
    };
  }, [model]);
  return <StatusBanner model={model} />;
}
