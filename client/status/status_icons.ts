/// <reference path="../../shared/lucide.d.ts" />
import megaphone from "lucide/dist/esm/icons/megaphone.mjs";
import wrench from "lucide/dist/esm/icons/wrench.mjs";

/** Icons of the public status, loaded with it. */
export const STATUS_ICONS = { megaphone, wrench } as const;
