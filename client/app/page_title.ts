/** Parts of the page title. */
export interface PageTitle {
  readonly workspaceName: string;
  /** The open room, or the purpose of the page. */
  readonly page: string | null;
  readonly unreadCount: number;
}

/** Returns the title of the tab, with the unread count first, since tabs are narrow. */
export function formatTitle({ workspaceName, page, unreadCount }: PageTitle): string {
  const count = unreadCount === 0 ? "" : `(${unreadCount > 99 ? "99+" : unreadCount}) `;
  return `${count}${page === null ? workspaceName : `${page} · ${workspaceName}`}`;
}
