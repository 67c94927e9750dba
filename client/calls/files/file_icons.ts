/// <reference path="../../../shared/lucide.d.ts" />
import chevronDown from "lucide/dist/esm/icons/chevron-down.mjs";
import download from "lucide/dist/esm/icons/download.mjs";
import file from "lucide/dist/esm/icons/file.mjs";
import paperclip from "lucide/dist/esm/icons/paperclip.mjs";

/** Icons of files, loaded with them. */
export const FILE_ICONS = { chevronDown, download, file, paperclip } as const;
