import { batch, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import { formatPlace, parseOverlay, parsePanel, parsePlace } from "./route.ts";
import type { Overlay, Panel, Place } from "./route.ts";

/** The parts of `window` that the router uses. */
export interface RouterWindow {
  readonly location: { readonly href: string };
  readonly history: Pick<History, "pushState" | "replaceState" | "back" | "state">;
  addEventListener(type: "popstate", listener: () => void): void;
  removeEventListener(type: "popstate", listener: () => void): void;
}

/** The state of a history entry. */
interface Entry {
  readonly panel: Panel | null;
  readonly overlay: Overlay | null;
  /** Stored here instead of the address bar, so that a reload keeps it. */
  readonly secret: string | null;
  /** Whether the previous entry is the room list, or the page under this panel or overlay. */
  readonly isStacked: boolean;
}

/** The current page, from the address and the history. */
export class Router {
  readonly #window: RouterWindow;
  readonly #place = signal<Place>({ type: "home" });
  readonly #panel = signal<Panel | null>(null);
  readonly #overlay = signal<Overlay | null>(null);
  readonly #onPop = () => this.#read();

  /** The current page. */
  readonly place: ReadonlySignal<Place> = this.#place;
  /** The panel of the current history entry. */
  readonly panel: ReadonlySignal<Panel | null> = this.#panel;
  /** The overlay of the current history entry. */
  readonly overlay: ReadonlySignal<Overlay | null> = this.#overlay;

  constructor(window: RouterWindow) {
    this.#window = window;
    window.addEventListener("popstate", this.#onPop);
    this.#read();
    // Secrets must not stay in the address bar, the history and screenshots.
    this.#write("replace", this.#entry().isStacked);
  }

  /** Goes to a place. From the room list, the back gesture returns to it. */
  go(place: Place, how: "push" | "replace" = "push"): void {
    const isStacked = how === "push" ? this.#place.peek().type === "home" : this.#entry().isStacked;
    const isSame = formatPlace(place) === formatPlace(this.#place.peek());
    // It replaces the entry of an open panel or overlay, so that going back does not open that again.
    const isInPlace = isSame || this.#isCovered();
    batch(() => {
      this.#place.value = place;
      this.#panel.value = null;
      this.#overlay.value = null;
      this.#write(isInPlace ? "replace" : how, isStacked);
    });
  }

  /** Returns from a room to the list of rooms. */
  toList(): void {
    if (this.#place.peek().type !== "home" && !this.#isCovered() && this.#entry().isStacked) {
      this.#window.history.back();
    } else {
      this.go({ type: "home" }, "replace");
    }
  }

  /** Opens a panel; it replaces the entry of another one. */
  openPanel(panel: Panel): void {
    this.#lay(this.#panel, panel);
  }

  /** Closes the panel. */
  closePanel(): void {
    this.#lift(this.#panel);
  }

  /** Opens an overlay; it replaces the entry of another one. */
  open(overlay: Overlay): void {
    this.#lay(this.#overlay, overlay);
  }

  /** Closes the overlay. */
  close(): void {
    this.#lift(this.#overlay);
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    this.#window.removeEventListener("popstate", this.#onPop);
  }

  #read(): void {
    const url = new URL(this.#window.location.href);
    const place = parsePlace(url);
    const { panel, overlay, secret } = this.#entry();
    batch(() => {
      this.#place.value = "secret" in place && place.secret === ""
        ? { ...place, secret: secret ?? "" }
        : place;
      this.#panel.value = panel;
      // The shortcuts of the installed app open dialogs by their names.
      this.#overlay.value = overlay ?? parseOverlay(url.searchParams.get("open"));
    });
  }

  #isCovered(): boolean {
    return this.#panel.peek() !== null || this.#overlay.peek() !== null;
  }

  #lay<T>(layer: Signal<T | null>, what: T): void {
    const how = layer.peek() === null ? "push" : "replace";
    layer.value = what;
    this.#write(how, how === "push" || this.#entry().isStacked);
  }

  #lift(layer: Signal<unknown>): void {
    if (layer.peek() === null) return;
    // Going back removes the entry; the view need not wait for it.
    layer.value = null;
    if (this.#entry().isStacked) this.#window.history.back();
    else this.#write("replace", false);
  }

  #write(how: "push" | "replace", isStacked: boolean): void {
    const place = this.#place.peek();
    const entry: Entry = {
      panel: this.#panel.peek(),
      overlay: this.#overlay.peek(),
      secret: "secret" in place ? place.secret : null,
      isStacked,
    };
    const url = formatPlace(place);
    if (how === "push") this.#window.history.pushState(entry, "", url);
    else this.#window.history.replaceState(entry, "", url);
  }

  #entry(): Entry {
    const state: unknown = this.#window.history.state;
    const { panel, overlay, secret, isStacked } = typeof state === "object" && state !== null
      ? state as Record<string, unknown>
      : {};
    return {
      panel: parsePanel(panel),
      overlay: parseOverlay(overlay),
      secret: typeof secret === "string" ? secret : null,
      isStacked: isStacked === true,
    };
  }
}
