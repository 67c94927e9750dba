import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { formatPlace, parseOverlay, parsePlace } from "./route.ts";
import type { Overlay, Place } from "./route.ts";

/** What the router needs of a browser window; `globalThis` fits there. */
export interface RouterWindow {
  readonly location: { readonly href: string };
  readonly history: Pick<History, "pushState" | "replaceState" | "back" | "state">;
  addEventListener(type: "popstate", listener: () => void): void;
  removeEventListener(type: "popstate", listener: () => void): void;
}

/** What each of our history entries carries beside its address. */
interface Entry {
  readonly overlay: Overlay | null;
  /** Kept here so that a reload does not lose it, out of the address bar. */
  readonly secret: string | null;
  /** True when the entry below is the room list or the place that this overlay lies on. */
  readonly isStacked: boolean;
}

/** Where one is, as the address and the history have it. */
export class Router {
  readonly #window: RouterWindow;
  readonly #place = signal<Place>({ type: "home" });
  readonly #overlay = signal<Overlay | null>(null);
  readonly #onPop = () => this.#read();

  /** Where one is. */
  readonly place: ReadonlySignal<Place> = computed(() => this.#place.value);
  /** What lies over it. */
  readonly overlay: ReadonlySignal<Overlay | null> = computed(() => this.#overlay.value);

  constructor(window: RouterWindow) {
    this.#window = window;
    window.addEventListener("popstate", this.#onPop);
    this.#read();
    // A secret has been read; the address bar, the history and screenshots need not show it.
    this.#write("replace", { overlay: this.#overlay.peek(), isStacked: this.#entry().isStacked });
  }

  /** Goes to a place. From the room list the back gesture leads back to it. */
  go(place: Place, how: "push" | "replace" = "push"): void {
    const isStacked = how === "push" ? this.#place.peek().type === "home" : this.#entry().isStacked;
    const isSame = formatPlace(place) === formatPlace(this.#place.peek());
    batch(() => {
      this.#place.value = place;
      // A place over an open overlay takes the overlay's entry, so that back does not open it again.
      const isInPlaceOfOverlay = this.#overlay.peek() !== null;
      this.#overlay.value = null;
      this.#write(isSame || isInPlaceOfOverlay ? "replace" : how, { overlay: null, isStacked });
    });
  }

  /** Leaves a room for the list of rooms. */
  toList(): void {
    if (this.#place.peek().type !== "home" && this.#overlay.peek() === null && this.#entry().isStacked) {
      this.#window.history.back();
    } else {
      this.go({ type: "home" }, "replace");
    }
  }

  /** Lays something over the place. One overlay takes the entry of another. */
  open(overlay: Overlay): void {
    const how = this.#overlay.peek() === null ? "push" : "replace";
    this.#overlay.value = overlay;
    this.#write(how, { overlay, isStacked: how === "push" || this.#entry().isStacked });
  }

  /** Takes the overlay away. */
  close(): void {
    if (this.#overlay.peek() === null) return;
    if (this.#entry().isStacked) {
      // The entry goes with the back step; the view need not wait for it.
      this.#overlay.value = null;
      this.#window.history.back();
      return;
    }
    this.#overlay.value = null;
    this.#write("replace", { overlay: null, isStacked: false });
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    this.#window.removeEventListener("popstate", this.#onPop);
  }

  #read(): void {
    const place = parsePlace(new URL(this.#window.location.href));
    const { overlay, secret } = this.#entry();
    batch(() => {
      this.#place.value = "secret" in place && place.secret === ""
        ? { ...place, secret: secret ?? "" }
        : place;
      this.#overlay.value = overlay;
    });
  }

  #write(how: "push" | "replace", { overlay, isStacked }: Omit<Entry, "secret">): void {
    const place = this.#place.peek();
    const entry: Entry = { overlay, isStacked, secret: "secret" in place ? place.secret : null };
    const url = formatPlace(place);
    if (how === "push") this.#window.history.pushState(entry, "", url);
    else this.#window.history.replaceState(entry, "", url);
  }

  #entry(): Entry {
    const state: unknown = this.#window.history.state;
    const { overlay, secret, isStacked } = typeof state === "object" && state !== null
      ? state as Record<string, unknown>
      : {};
    return {
      overlay: parseOverlay(overlay),
      secret: typeof secret === "string" ? secret : null,
      isStacked: isStacked === true,
    };
  }
}
