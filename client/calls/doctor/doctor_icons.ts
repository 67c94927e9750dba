/// <reference path="../../../shared/lucide.d.ts" />
import bell from "lucide/dist/esm/icons/bell.mjs";
import ring from "lucide/dist/esm/icons/bell-ring.mjs";
import camera from "lucide/dist/esm/icons/video.mjs";
import microphone from "lucide/dist/esm/icons/mic.mjs";
import call from "lucide/dist/esm/icons/phone.mjs";
import relay from "lucide/dist/esm/icons/waypoints.mjs";
import speaker from "lucide/dist/esm/icons/volume-2.mjs";
import stun from "lucide/dist/esm/icons/map-pin.mjs";

/** Icons of the call doctor's tests. */
export const DOCTOR_ICONS = {
  microphone,
  camera,
  speaker,
  ring,
  notifications: bell,
  stun,
  relay,
  call,
} as const;
