// Modules that several parts of the client use, so that they are bundled into one file: every part imports this one,
// and the bundler groups modules by the parts that reach them. Without it, each pair of parts would get a file of its
// own. Parts that use none of these modules import it too, or the bundler's helpers would get another file.
import "@preact/signals";
import "preact";
import "preact/hooks";
import "../shared/errors.ts";
import "../shared/ids.ts";
import "../shared/limits.ts";
import "../shared/message.ts";
import "../shared/position.ts";
import "../shared/presence.ts";
import "./admin/is_admin.ts";
import "./app/app_context.ts";
import "./app/late_part.ts";
import "./app/room_menu.ts";
import "./app/router/route.ts";
import "./net/browser_platform.ts";
import "./net/caller.ts";
import "./net/early_caller.ts";
import "./net/http_call.ts";
import "./net/read_all_pages.ts";
import "./session/Sheet.tsx";
import "./ui/Bubbles.tsx";
import "./ui/Button.tsx";
import "./ui/Countdown.tsx";
import "./ui/Dialog.tsx";
import "./ui/Face.tsx";
import "./ui/Icon.tsx";
import "./ui/IconButton.tsx";
import "./ui/Menu.tsx";
import "./ui/Notice.tsx";
import "./ui/Wordmark.tsx";
import "./ui/clock.ts";
import "./ui/emoji/emoji.ts";
import "./ui/failure.ts";
import "./ui/place_beside.ts";
