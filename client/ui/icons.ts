/// <reference path="./lucide.d.ts" />
import archive from "lucide/dist/esm/icons/archive.mjs";
import arrowDown from "lucide/dist/esm/icons/arrow-down.mjs";
import check from "lucide/dist/esm/icons/check.mjs";
import chevronLeft from "lucide/dist/esm/icons/chevron-left.mjs";
import circleAlert from "lucide/dist/esm/icons/circle-alert.mjs";
import circleCheck from "lucide/dist/esm/icons/circle-check.mjs";
import compass from "lucide/dist/esm/icons/compass.mjs";
import copy from "lucide/dist/esm/icons/copy.mjs";
import ellipsis from "lucide/dist/esm/icons/ellipsis.mjs";
import eye from "lucide/dist/esm/icons/eye.mjs";
import eyeOff from "lucide/dist/esm/icons/eye-off.mjs";
import hash from "lucide/dist/esm/icons/hash.mjs";
import info from "lucide/dist/esm/icons/info.mjs";
import key from "lucide/dist/esm/icons/key-round.mjs";
import laptop from "lucide/dist/esm/icons/laptop.mjs";
import link from "lucide/dist/esm/icons/link.mjs";
import lock from "lucide/dist/esm/icons/lock.mjs";
import logOut from "lucide/dist/esm/icons/log-out.mjs";
import message from "lucide/dist/esm/icons/message-square.mjs";
import monitor from "lucide/dist/esm/icons/monitor.mjs";
import moon from "lucide/dist/esm/icons/moon.mjs";
import pencil from "lucide/dist/esm/icons/pencil.mjs";
import plus from "lucide/dist/esm/icons/plus.mjs";
import refresh from "lucide/dist/esm/icons/refresh-cw.mjs";
import reply from "lucide/dist/esm/icons/reply.mjs";
import send from "lucide/dist/esm/icons/send.mjs";
import settings from "lucide/dist/esm/icons/settings.mjs";
import shield from "lucide/dist/esm/icons/shield.mjs";
import smartphone from "lucide/dist/esm/icons/smartphone.mjs";
import smile from "lucide/dist/esm/icons/face-slightly-smiling.mjs";
import sun from "lucide/dist/esm/icons/sun.mjs";
import trash from "lucide/dist/esm/icons/trash.mjs";
import triangleAlert from "lucide/dist/esm/icons/triangle-alert.mjs";
import user from "lucide/dist/esm/icons/user-round.mjs";
import userMinus from "lucide/dist/esm/icons/user-round-minus.mjs";
import userPlus from "lucide/dist/esm/icons/user-round-plus.mjs";
import users from "lucide/dist/esm/icons/users-round.mjs";
import x from "lucide/dist/esm/icons/x.mjs";

/** Every icon of the client. Deep imports: the barrel of lucide costs seconds of bundling. */
export const ICONS = {
  archive,
  arrowDown,
  check,
  chevronLeft,
  circleAlert,
  circleCheck,
  compass,
  copy,
  ellipsis,
  eye,
  eyeOff,
  hash,
  info,
  key,
  laptop,
  link,
  lock,
  logOut,
  message,
  monitor,
  moon,
  pencil,
  plus,
  refresh,
  reply,
  send,
  settings,
  shield,
  smartphone,
  smile,
  sun,
  trash,
  triangleAlert,
  user,
  userMinus,
  userPlus,
  users,
  x,
} as const;

/** Name of an icon in the table above. */
export type IconName = keyof typeof ICONS;
