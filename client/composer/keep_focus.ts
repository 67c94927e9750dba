/** Handlers to spread into a control that must not take the focus, nor a phone's keyboard, from the text box. */
export const KEEP_FOCUS = { onPointerDown: preventDefault, onMouseDown: preventDefault } as const;

function preventDefault(event: Event): void {
  event.preventDefault();
}
