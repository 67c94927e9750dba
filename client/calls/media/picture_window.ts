import type { OpenPicture } from "./picture_in_picture.ts";

/** A window that stays above all others, of Chromium and Firefox; TypeScript does not know it yet. */
interface DocumentPictureInPicture {
  requestWindow(options: { readonly width: number; readonly height: number }): Promise<Window>;
}

/** Options of `pictureOpener`. */
export interface PictureOptions {
  readonly width: number;
  readonly height: number;
  /** Fills a window of its own; returns how to free what is in it. */
  readonly render: (place: HTMLElement) => () => void;
  /** The video to show where there are no such windows. */
  readonly video: () => HTMLVideoElement | null;
}

/** Returns how this browser opens a picture in picture, shortly after a click. */
export function pictureOpener(options: PictureOptions): OpenPicture {
  const { documentPictureInPicture: windows } = globalThis as {
    readonly documentPictureInPicture?: DocumentPictureInPicture;
  };
  return (onClosed) =>
    windows === undefined ? openVideo(options, onClosed) : openWindow(windows, options, onClosed);
}

async function openWindow(
  windows: DocumentPictureInPicture,
  { width, height, render }: PictureOptions,
  onClosed: () => void,
): Promise<() => void> {
  const view = await windows.requestWindow({ width, height });
  const { documentElement, head, body, title } = view.document;
  for (const { name, value } of document.documentElement.attributes) {
    documentElement.setAttribute(name, value);
  }
  for (const sheet of document.querySelectorAll("link[rel=stylesheet]")) head.append(sheet.cloneNode());
  if (title === "") view.document.title = document.title;
  const free = render(body);
  view.addEventListener("pagehide", onClosed, { once: true });
  return () => {
    free();
    view.close();
  };
}

async function openVideo({ video }: PictureOptions, onClosed: () => void): Promise<(() => void) | null> {
  const element = video();
  if (element === null || !document.pictureInPictureEnabled) return null;
  await element.requestPictureInPicture();
  element.addEventListener("leavepictureinpicture", onClosed, { once: true });
  return () => {
    element.removeEventListener("leavepictureinpicture", onClosed);
    if (document.pictureInPictureElement === element) document.exitPictureInPicture().catch(() => {});
  };
}
