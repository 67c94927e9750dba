/** What the title of the page is made of. */
export interface PageTitle {
  readonly placeName: string;
  /** The open room, or what the page is for. */
  readonly page: string | null;
  readonly unreadCount: number;
}

/** Writes the title of the tab: what is unread first, since tabs are narrow. */
export function formatTitle({ placeName, page, unreadCount }: PageTitle): string {
  const count = unreadCount === 0 ? "" : `(${unreadCount > 99 ? "99+" : unreadCount}) `;
  return `${count}${page === null ? placeName : `${page} · ${placeName}`}`;
}
