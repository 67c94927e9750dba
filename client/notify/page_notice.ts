import type { RoomId } from "../../shared/ids.ts";
import { roomTag } from "../../shared/notify/push_payload.ts";

/** What a notification shows. */
export interface PageNotice {
  readonly roomId: RoomId;
  readonly title: string;
  readonly body: string;
  readonly onOpen: () => void;
  /** Shows it in another way, where a page may not: browsers of phones show notifications of service workers only. */
  readonly showByWorker: () => void;
}

/** Shows a notification if nobody sees the page and it may; returns what takes it back. */
export function showPageNotice({ roomId, title, body, onOpen, showByWorker }: PageNotice): () => void {
  const isHidden = document.visibilityState === "hidden";
  if (!isHidden || !("Notification" in globalThis) || Notification.permission !== "granted") return () => {};
  try {
    // Of several messages of a room, or tabs of a browser, one notification is left. The page plays its own sound.
    const notification = new Notification(title, { body, tag: roomTag(roomId), silent: true });
    notification.addEventListener("click", () => {
      globalThis.focus();
      onOpen();
      notification.close();
    });
    return () => {
      // Chromium ignores `close` until the notification is shown.
      notification.addEventListener("show", () => notification.close());
      notification.close();
    };
  } catch {
    showByWorker();
    // The worker's are taken back with those of pushes.
    return () => {};
  }
}
