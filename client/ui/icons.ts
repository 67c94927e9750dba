/// <reference path="../../shared/lucide.d.ts" />
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
import file from "lucide/dist/esm/icons/file.mjs";
import hash from "lucide/dist/esm/icons/hash.mjs";
import link from "lucide/dist/esm/icons/link.mjs";
import lock from "lucide/dist/esm/icons/lock.mjs";
import logOut from "lucide/dist/esm/icons/log-out.mjs";
import message from "lucide/dist/esm/icons/message-square.mjs";
import pencil from "lucide/dist/esm/icons/pencil.mjs";
import phone from "lucide/dist/esm/icons/phone.mjs";
import phoneMissed from "lucide/dist/esm/icons/phone-missed.mjs";
import plus from "lucide/dist/esm/icons/plus.mjs";
import refresh from "lucide/dist/esm/icons/refresh-cw.mjs";
import reply from "lucide/dist/esm/icons/reply.mjs";
import send from "lucide/dist/esm/icons/send.mjs";
import settings from "lucide/dist/esm/icons/settings.mjs";
import shield from "lucide/dist/esm/icons/shield.mjs";
import smile from "lucide/dist/esm/icons/face-slightly-smiling.mjs";
import trash from "lucide/dist/esm/icons/trash.mjs";
import triangleAlert from "lucide/dist/esm/icons/triangle-alert.mjs";
import userMinus from "lucide/dist/esm/icons/user-round-minus.mjs";
import userPlus from "lucide/dist/esm/icons/user-round-plus.mjs";
import users from "lucide/dist/esm/icons/users-round.mjs";
import x from "lucide/dist/esm/icons/x.mjs";

/** The icons of the rooms. Deep imports: the barrel of lucide costs seconds of bundling. */
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
  file,
  hash,
  link,
  lock,
  logOut,
  message,
  pencil,
  phone,
  phoneMissed,
  plus,
  refresh,
  reply,
  send,
  settings,
  shield,
  smile,
  trash,
  triangleAlert,
  userMinus,
  userPlus,
  users,
  x,
} as const;

/** Name of an icon in the table above. */
export type IconName = keyof typeof ICONS;

/** The elements of an icon. */
export type IconDrawing = typeof ICONS[IconName];

/** An icon: by its name, or by its elements if it is from a late part. */
export type IconChoice = IconName | IconDrawing;
