/** Returns how to write the time of day: "9:12 AM" or "09:12", as is usual for the locale. */
export function clockOf(locale?: string) {
  const { hour12 = false } = new Intl.DateTimeFormat(locale, { hour: "numeric" }).resolvedOptions();
  return { hour: hour12 ? "numeric" : "2-digit", minute: "2-digit" } as const;
}

/** The same for the user's language; used for every time of day. */
export const CLOCK = /* @__PURE__ */ clockOf();
