import type { OutboxTabs } from "../../client/outbox/outbox_tabs.ts";

/** Makes the tabs of a user who has one open. */
export function singleTab(): OutboxTabs {
  return { exclusively: (work) => work(), tell: () => {}, onTold: () => () => {} };
}
