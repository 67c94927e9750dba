import { batch, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import { formatPlace, parseOverlay, parsePanel, parsePlace } from "./route.ts";
import type { Overlay, Panel, Place } from "./route.ts";

/** What the router needs of a browser window; `globalThis` fits there. */
export interface RouterWindow {
  readonly location: { readonly href: string };
  readonly history: Pick<History, "pushState" | "replaceState" | "back" | "state">;
  addEventListener(type: "popstate", listener: () => void): void;
  removeEventListener(type: "popstate", listener: () => void): void;
}

/** What each of our history entries carries beside its address. */
interface Entry {
  readonly panel: Panel | null;
  readonly overlay: Overlay | null;
  /** Kept here so that a reload does not lose it, out of the address bar. */
  readonly secret: string | null;
  /** True when the entry below is the room list, or what this panel or overlay lies on. */
  readonly isStacked: boolean;
}

/** Where one is, as the address and the history have it. */
export class Router {
  readonly #window: RouterWindow;
  readonly #place = signal<Place>({ type: "home" });
  readonly #panel = signal<Panel | null>(null);
  readonly #overlay = signal<Overlay | null>(null);
  readonly #onPop = () => this.#read();

  /** Where one is. */
  readonly place: ReadonlySignal<Place> = this.#place;
  /** What stands beside it, as far as the history knows. */
  readonly panel: ReadonlySignal<Panel | null> = this.#panel;
  /** What lies over all of it. */
  readonly overlay: ReadonlySignal<Overlay | null> = this.#overlay;

  constructor(window: RouterWindow) {
    this.#window = window;
    window.addEventListener("popstate", this.#onPop);
    this.#read();
    // A secret has been read; the address bar, the history and screenshots need not show it.
    this.#write("replace", this.#entry().isStacked);
  }

  /** Goes to a place. From the room list the back gesture leads back to it. */
  go(place: Place, how: "push" | "replace" = "push"): void {
    const isStacked = how === "push" ? this.#place.peek().type === "home" : this.#entry().isStacked;
    const isSame = formatPlace(place) === formatPlace(this.#place.peek());
    // It takes the entry of what lies over the place before, so that back does not open that again.
    const isInPlace = isSame || this.#isCovered();
    batch(() => {
      this.#place.value = place;
      this.#panel.value = null;
      this.#overlay.value = null;
      this.#write(isInPlace ? "replace" : how, isStacked);
    });
  }

  /** Leaves a room for the list of rooms. */
  toList(): void {
    if (this.#place.peek().type !== "home" && !this.#isCovered() && this.#entry().isStacked) {
      this.#window.history.back();
    } else {
      this.go({ type: "home" }, "replace");
    }
  }

  /** Opens a panel. One panel takes the entry of another. */
  openPanel(panel: Panel): void {
    this.#lay(this.#panel, panel);
  }

  /** Closes the panel. */
  closePanel(): void {
    this.#lift(this.#panel);
  }

  /** Lays something over the place and its panel. One overlay takes the entry of another. */
  open(overlay: Overlay): void {
    this.#lay(this.#overlay, overlay);
  }

  /** Takes the overlay away. */
  close(): void {
    this.#lift(this.#overlay);
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    this.#window.removeEventListener("popstate", this.#onPop);
  }

  #read(): void {
    const place = parsePlace(new URL(this.#window.location.href));
    const { panel, overlay, secret } = this.#entry();
    batch(() => {
      this.#place.value = "secret" in place && place.secret === ""
        ? { ...place, secret: secret ?? "" }
        : place;
      this.#panel.value = panel;
      this.#overlay.value = overlay;
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
    // The entry goes with the back step; the view need not wait for it.
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
