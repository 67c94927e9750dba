/// <reference path="../../shared/lucide.d.ts" />
import activity from "lucide/dist/esm/icons/activity.mjs";
import megaphone from "lucide/dist/esm/icons/megaphone.mjs";

/** Icons of the public status, loaded with it. */
export const STATUS_ICONS = { activity, megaphone } as const;
