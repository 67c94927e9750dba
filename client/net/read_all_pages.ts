import { PAGE_MAX_COUNT } from "../../shared/limits.ts";
import type { Page } from "../../shared/user.ts";

/** Reads all pages of a list. */
export async function readAllPages<T>(
  read: (page: { readonly cursor?: string; readonly limit: number }) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await read({ limit: PAGE_MAX_COUNT, ...(cursor === null ? {} : { cursor }) });
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== null);
  return items;
}
