const GAP_PX = 4;
const EDGE_PX = 8;

/** Places an open popover below its anchor, or above if there is no space, within the window. */
export function placeBeside(popover: HTMLElement, anchor: Element): void {
  const from = anchor.getBoundingClientRect();
  const box = popover.getBoundingClientRect();
  const isRtl = getComputedStyle(anchor).direction === "rtl";
  const below = from.bottom + GAP_PX;
  const top = below + box.height > innerHeight - EDGE_PX ? from.top - GAP_PX - box.height : below;
  const wished = isRtl ? from.left : from.right - box.width;
  const left = Math.min(Math.max(EDGE_PX, wished), innerWidth - box.width - EDGE_PX);
  popover.style.top = `${Math.max(EDGE_PX, top)}px`;
  popover.style.left = `${left}px`;
}
