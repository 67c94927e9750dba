/** Lets arrows, Home and End move along the days of a component. Enter follows the link, as everywhere. */
export function moveAlongBars(event: KeyboardEvent): void {
  const { target, key } = event;
  // With Alt, arrows go back and forward in the history.
  if (!(target instanceof HTMLElement) || event.altKey) return;
  const bars = target.closest(".bars");
  if (bars === null) return;
  // A narrow window shows fewer days.
  const shown = [...bars.querySelectorAll("a")].filter((bar) => bar.getClientRects().length > 0);
  const at = shown.findIndex((bar) => bar === target);
  const last = shown.length - 1;
  const next: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last };
  const bar = shown[Math.min(last, Math.max(0, next[key] ?? NaN))];
  if (bar === undefined) return;
  event.preventDefault();
  target.tabIndex = -1;
  bar.tabIndex = 0;
  bar.focus();
}
