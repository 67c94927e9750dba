// Modules that several parts of calls use, bundled into one file as those of `client/base.ts` are.
import "../../shared/call/mesh_limits.ts";
import "./FaceTile.tsx";
import "./LevelBar.tsx";
import "./PersonTile.tsx";
import "./RingCard.tsx";
import "./ScreenTile.tsx";
import "./TrackVideo.tsx";
import "./call_icons.ts";
import "./call_parts.ts";
import "./call_tiles.ts";
import "./media/call_preferences.ts";
import "./media/capture_constraints.ts";
import "./media/device_permission.ts";
import "./media/devices_model.ts";
import "./media/picture_in_picture.ts";
import "./media/sound_context.ts";
import "./media/tones.ts";
