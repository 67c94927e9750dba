/** A request before the end of the wait that the server asks for counts as a violation, and clocks differ a little. */
export const RETRY_MARGIN_MS = 20;
