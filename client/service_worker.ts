import { appPageAt } from "../shared/app_pages.ts";
import { BuildCaches } from "./offline/build_caches.ts";
import { openPage, withoutShared } from "./offline/open_page.ts";
import { OUTBOX_SYNC_TAG } from "./outbox/sync_request.ts";
import { sendWithoutTab } from "./outbox/send_without_tab.ts";
import type { FetchedEvent, WorkerScope } from "./offline/worker_scope.ts";
import type { PushScope } from "./push/push_scope.ts";
import { PushWorker } from "./push/push_worker.ts";

start(globalThis as unknown as WorkerScope);
new PushWorker(globalThis as unknown as PushScope).start();

/** Keeps the app on the device, and sends what tabs have left in the outbox. It never answers for the API, nor for the public status. */
function start(scope: WorkerScope): void {
  const build = scope.parleyBuild;
  const files = new BuildCaches(scope.caches, build);
  scope.addEventListener("install", (event) => {
    // Tabs of an earlier build are served by any worker, so none has to wait for them.
    event.waitUntil(files.store().then(() => scope.skipWaiting()));
  });
  scope.addEventListener("activate", (event) => {
    event.waitUntil(files.prune().then(() => scope.clients.claim()));
  });
  scope.addEventListener("message", ({ data, ports }) => {
    if (data === "build") ports[0]?.postMessage(build);
  });
  scope.addEventListener("sync", (event) => {
    if (event.tag === OUTBOX_SYNC_TAG) event.waitUntil(sendWithoutTab(scope.location.origin));
  });
  scope.addEventListener("fetch", (event) => answer(event, scope, files));
}

/** Answers for pages of the app and the files of a build; the browser deals with everything else. */
function answer(event: FetchedEvent, scope: WorkerScope, files: BuildCaches): void {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== scope.location.origin) return;
  if (request.mode === "navigate") {
    if (appPageAt(url.pathname) === null) return;
    const elsewhere = withoutShared(url);
    event.respondWith(
      elsewhere === null
        ? openPage({ fetch: () => fetch(request), kept: () => files.page() })
        : Promise.resolve(Response.redirect(elsewhere, 303)),
    );
  } else if (url.search === "" && files.has(url.pathname)) {
    event.respondWith(files.find(url.pathname).then((file) => file ?? fetch(request)));
  }
}
