import { isolated } from "../../../shared/format_characters.ts";
import type { LiveWords } from "../../../shared/status/live_words.ts";
import { checkedText, verdictOf } from "../../../shared/status/sentence.ts";
import type { ComponentState } from "../../../shared/status/states.ts";
import type { Status, StatusComponent } from "../../../shared/status/status.ts";
import { place, stateIcon } from "./element.ts";
import { drawIncident, drawMaintenance, drawNotice } from "./entries.ts";
import type { EntryStyle } from "./entries.ts";

/** Draws what events tell: title, icon, verdict, what is open, and the states of all components. */
export function drawStatus(status: Status, style: EntryStyle): void {
  const { words } = style;
  const { state, components, incidents, maintenances, announcements, metrics } = status;
  const verdict = document.querySelector(".verdict");
  if (verdict === null) return;
  const headline = drawVerdict(status, style);
  showTab(`${headline} · ${words.pageName(isolated(status.page.name))}`, iconOf(state));
  verdict.className = `verdict ${state}`;
  verdict.querySelector("use")?.setAttribute("href", `#icon-${state}`);
  const open = document.querySelector(".open");
  if (open !== null) {
    place(open, [
      // No event tells that one has expired.
      ...announcements.filter(({ expiresAt }) => !(Date.parse(expiresAt ?? "") <= style.now))
        .map((one) => drawNotice(one, style)),
      ...incidents.map((incident) => drawIncident(incident, style)),
      ...maintenances.map((maintenance) => drawMaintenance(maintenance, style)),
    ]);
  }
  for (const component of components) drawComponent(component, words);
  for (const figure of document.querySelectorAll<HTMLElement>("[data-figure]")) {
    const ms = metrics.deliveredMs?.[figure.dataset["figure"] as "p50"];
    figure.className = ms === undefined ? "none" : "";
    setText(figure, ms === undefined ? figure.closest("dl")?.dataset["none"] ?? "" : `${ms} ms`);
  }
}

/** Draws how things stand, and how long ago the last check was; returns the heading. */
export function drawVerdict(status: Status, { words, now }: Pick<EntryStyle, "words" | "now">): string {
  const { components, incidents, metrics: { measuredAt } } = status;
  const { headline, rest } = verdictOf(components, incidents, words);
  const line = document.querySelector<HTMLElement>(".verdict p");
  const checked = measuredAt === null
    ? line?.dataset["unchecked"] ?? ""
    : checkedText(now - Date.parse(measuredAt), words);
  setText(document.querySelector(".verdict h2"), headline);
  setText(line, `${rest} ${checked}`.trim());
  return headline;
}

/** Takes over the content of a page that the server made. */
export function arrange(page: Document): void {
  const [before, after] = [document.querySelector("main"), page.querySelector("main")];
  if (before === null || after === null) return;
  before.replaceWith(after);
  showTab(page.title, page.querySelector("link[rel=icon]")?.getAttribute("href") ?? "");
}

function showTab(title: string, icon: string): void {
  document.title = title;
  document.querySelector("link[rel=icon]")?.setAttribute("href", icon);
}

/** The page brings the icons of all states. */
function iconOf(state: ComponentState): string {
  return document.getElementById(`icon-${state}`)?.dataset["icon"] ?? "";
}

function drawComponent({ id, state }: StatusComponent, words: LiveWords): void {
  // Ids of components are words.
  const part = document.querySelector(`.part[data-item=${id}]`);
  if (part === null) return;
  part.className = `part ${state}`;
  const shown = part.querySelector(".state");
  if (shown?.querySelector("use")?.getAttribute("href") !== `#icon-${state}`) {
    shown?.replaceChildren(stateIcon(state), ` ${words.states[state]}`);
  }
}

/** Leaves alone what is the same already. */
function setText(node: Element | null, text: string): void {
  if (node !== null && node.textContent !== text) node.textContent = text;
}
