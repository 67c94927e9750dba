import "../../base.ts";
import { gemoji } from "gemoji";
import type { Emoji } from "./emoji.ts";

/** Every emoji. A module of its own, to be imported dynamically: so the bundler leaves the package's tables out. */
export const EMOJI_LIST: readonly Emoji[] = gemoji;
