/// <reference path="../../shared/lucide.d.ts" />
import megaphone from "lucide/dist/esm/icons/megaphone.mjs";

/** Icons of the public status, loaded with it. */
export const STATUS_ICONS = { megaphone } as const;
