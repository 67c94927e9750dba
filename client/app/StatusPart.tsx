import "../base.ts";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { computed } from "@preact/signals";
import { isAdmin } from "../admin/is_admin.ts";
import { followPublicEvents } from "../net/public_events.ts";
import { BannerModel } from "../status/banner_model.ts";
import { followDrafts } from "../status/draft_watch.ts";
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
  const { banner: model } = statusOf(chat);
  useEffect(() => {
    model.start(globalThis.window);
    const api = chat.trpc.status;
    const isConnected = connection.isOpen;
    const stopFollowing = followStatus({
      api,
      isConnected,
      hasSocket: computed(() => connection.transport.value === "websocket"),
      onNews: (news) => model.apply(news),
    });
    const stopDrafts = isManager
      ? followDrafts({
        api,
        isConnected,
        status: model.status,
        onDrafts: (drafts) => model.setDrafts(drafts),
      })
      : () => {};
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
        statusOf(chat).manage.back();
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
      onNews: (news) => model.apply(news),
    });
    return () => {
      stopFollowing();
      model[Symbol.dispose]();
    };
  }, [model]);
  return <StatusBanner model={model} />;
}
