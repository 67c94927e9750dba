/// <reference path="../../shared/lucide.d.ts" />
import camera from "lucide/dist/esm/icons/video.mjs";
import cameraFlip from "lucide/dist/esm/icons/switch-camera.mjs";
import cameraOff from "lucide/dist/esm/icons/video-off.mjs";
import expand from "lucide/dist/esm/icons/maximize.mjs";
import figures from "lucide/dist/esm/icons/activity.mjs";
import grid from "lucide/dist/esm/icons/layout-grid.mjs";
import hand from "lucide/dist/esm/icons/hand.mjs";
import hangUp from "lucide/dist/esm/icons/phone-off.mjs";
import headphones from "lucide/dist/esm/icons/headphones.mjs";
import mic from "lucide/dist/esm/icons/mic.mjs";
import micOff from "lucide/dist/esm/icons/mic-off.mjs";
import pictureInPicture from "lucide/dist/esm/icons/picture-in-picture-2.mjs";
import ringing from "lucide/dist/esm/icons/bell-ring.mjs";
import screen from "lucide/dist/esm/icons/monitor-up.mjs";
import screenOff from "lucide/dist/esm/icons/monitor-off.mjs";
import shrink from "lucide/dist/esm/icons/minimize.mjs";
import speakerView from "lucide/dist/esm/icons/layout-panel-left.mjs";
import volume from "lucide/dist/esm/icons/volume-2.mjs";

/** Icons of calls, loaded with these. */
export const CALL_ICONS = {
  camera,
  cameraFlip,
  cameraOff,
  expand,
  figures,
  grid,
  hand,
  hangUp,
  headphones,
  mic,
  micOff,
  pictureInPicture,
  ringing,
  screen,
  screenOff,
  shrink,
  speakerView,
  volume,
} as const;
