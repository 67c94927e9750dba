/** Lets arrows, Home and End move along the days of a component. Enter follows the link, as everywhere. */
export function moveAlongBars(event: KeyboardEvent): void {
  const { target, key, altKey, ctrlKey, metaKey } = event;
  if (!(target instanceof HTMLElement) || altKey || ctrlKey || metaKey) return;
  const bars = target.closest(".bars");
  if (bars === null) return;
  // A narrow window shows fewer days.
  const shown = [...bars.querySelectorAll("a")].filter((bar) => bar.getClientRects().length > 0);
  const at = shown.findIndex((bar) => bar === target);
  const last = shown.length - 1;
  const next: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last };
  const bar = shown[Math.min(last, Math.max(0, next[key] ?? -1))];
  if (next[key] === undefined || bar === undefined) return;
  event.preventDefault();
  target.tabIndex = -1;
  bar.tabIndex = 0;
  bar.focus();
}
