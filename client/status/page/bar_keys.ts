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
  const places: Record<string, number> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    Home: 0,
    End: shown.length - 1,
  };
  const bar = shown[places[key] ?? -1];
  if (bar === undefined) return;
  event.preventDefault();
  target.tabIndex = -1;
  bar.tabIndex = 0;
  bar.focus();
}
