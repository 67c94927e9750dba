import type { Unread } from "../../shared/notify/unread.ts";

const SIZE_PX = 64;
/** The size at which browsers show it is a quarter: more than one digit cannot be read. */
const SHOWN_MAX_COUNT = 9;

/** Shows the count on the icon of the tab and of the installed app. */
export class UnreadBadge implements Disposable {
  readonly #link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  readonly #plainUrl = this.#link?.href ?? "";
  #icon: Promise<HTMLImageElement> | null = null;
  #shown = "";
  #shownOnApp = "";

  /** Shows it, unless it is shown already. */
  async show({ ownCount, hasMore }: Unread): Promise<void> {
    const text = ownCount > SHOWN_MAX_COUNT ? "9+" : ownCount > 0 ? String(ownCount) : hasMore ? "•" : "";
    // There is place for the whole number.
    const onApp = `${ownCount} ${hasMore}`;
    if (onApp !== this.#shownOnApp) void showAppBadge(ownCount, hasMore);
    this.#shownOnApp = onApp;
    if (text === this.#shown || this.#link === null) return;
    this.#shown = text;
    const icon = text === "" ? null : await this.#loadIcon();
    // Without the icon, the next change tries again.
    if (this.#shown !== text) return;
    if (text !== "" && icon === null) this.#shown = "";
    else this.#link.href = icon === null ? this.#plainUrl : draw(icon, text);
  }

  async #loadIcon(): Promise<HTMLImageElement | null> {
    try {
      return await (this.#icon ??= loadIcon(this.#plainUrl));
    } catch {
      this.#icon = null;
      return null;
    }
  }

  /** Shows nothing. */
  [Symbol.dispose](): void {
    void this.show({ ownCount: 0, hasMore: false });
  }
}

/** Firefox has no such badge, and others refuse it where the app is not installed. */
async function showAppBadge(ownCount: number, hasMore: boolean): Promise<void> {
  try {
    if (ownCount > 0) await navigator.setAppBadge?.(ownCount);
    else if (hasMore) await navigator.setAppBadge?.();
    else await navigator.clearAppBadge?.();
  } catch {
    // The tab shows it all the same.
  }
}

async function loadIcon(url: string): Promise<HTMLImageElement> {
  const icon = new Image(SIZE_PX, SIZE_PX);
  icon.src = url;
  await icon.decode();
  return icon;
}

function draw(icon: HTMLImageElement, text: string): string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE_PX;
  const pen = canvas.getContext("2d");
  if (pen === null) return icon.src;
  pen.drawImage(icon, 0, 0, SIZE_PX, SIZE_PX);
  const isDot = text === "•";
  const radius = isDot ? 14 : 20;
  const centre = SIZE_PX - radius - 1;
  pen.fillStyle = "#fff";
  circle(pen, centre, isDot ? radius + 1 : centre, radius + 3);
  pen.fillStyle = "#c2362b";
  circle(pen, centre, isDot ? radius + 1 : centre, radius);
  if (!isDot) {
    pen.fillStyle = "#fff";
    pen.font = `bold ${text.length > 1 ? 24 : 32}px sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(text, centre, centre + 2);
  }
  return canvas.toDataURL();
}

function circle(pen: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}
