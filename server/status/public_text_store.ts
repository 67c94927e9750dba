import { foldName } from "../../shared/names.ts";
import { findMentions } from "../../shared/mentions.ts";
import { toPublicText } from "../../shared/status/public_text.ts";
import { findNamed } from "../auth/named_people_store.ts";
import type { Database } from "../kv/database.ts";
import { invalidInput } from "../rpc/input_schemas.ts";

/** Fields in which people write what strangers read. */
const PUBLIC_FIELDS = ["title", "text", "name", "description", "group"] as const;

/** What somebody wrote for strangers. */
export type PublicTexts = { readonly [Field in typeof PUBLIC_FIELDS[number]]?: string | undefined };

/** Takes out of what somebody wrote what only members may know, whole names of people too. */
export async function toPublicTexts<T extends PublicTexts>(db: Database, written: T): Promise<T> {
  const texts = PUBLIC_FIELDS.map((field) => [field, written[field] ?? ""] as const)
    .filter(([, text]) => text !== "");
  const people = await findNamed(db, texts.map(([, text]) => text).join("\n"));
  const clean = (one: string) => toPublicText(one, (rest) => findMentions(rest, people, foldName));
  return { ...written, ...Object.fromEntries(texts.map(([field, text]) => [field, clean(text)])) };
}

/** The same for what is published; refuses a text of which nothing is left for strangers. */
export async function publishedTexts<T extends PublicTexts>(db: Database, written: T): Promise<T> {
  const cleaned = await toPublicTexts(db, written);
  for (const field of PUBLIC_FIELDS) if (written[field]) requireRest(cleaned[field] ?? "", field);
  return cleaned;
}

function requireRest(cleaned: string, path: string): void {
  if (cleaned === "") throw invalidInput(path, "Must say something besides names and links to rooms");
}
