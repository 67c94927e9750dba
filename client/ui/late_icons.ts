/// <reference path="../../shared/lucide.d.ts" />
import activity from "lucide/dist/esm/icons/activity.mjs";
import bell from "lucide/dist/esm/icons/bell.mjs";
import info from "lucide/dist/esm/icons/info.mjs";
import key from "lucide/dist/esm/icons/key-round.mjs";
import laptop from "lucide/dist/esm/icons/laptop.mjs";
import monitor from "lucide/dist/esm/icons/monitor.mjs";
import moon from "lucide/dist/esm/icons/moon.mjs";
import phone from "lucide/dist/esm/icons/phone.mjs";
import smartphone from "lucide/dist/esm/icons/smartphone.mjs";
import sun from "lucide/dist/esm/icons/sun.mjs";
import user from "lucide/dist/esm/icons/user-round.mjs";

/** Icons that only the sign-in page and the settings use, loaded with these. */
export const LATE_ICONS = {
  activity,
  bell,
  info,
  key,
  laptop,
  monitor,
  moon,
  phone,
  smartphone,
  sun,
  user,
} as const;
