import "../../base.ts";
import { gemoji } from "gemoji";
import type { Emoji } from "./emoji.ts";

/** All emoji. Imported dynamically, so that the list is not in the first bundle. */
export const EMOJI_LIST: readonly Emoji[] = gemoji;
