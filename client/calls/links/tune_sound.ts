/** Opus for a voice: repairs lost packets from later ones, and sends nothing in pauses (RFC 7587 §6.1). */
const VOICE = "useinbandfec=1;usedtx=1";
/** Opus for the sound of a screen: quiet music must not be cut. */
const SCREEN = "useinbandfec=1;usedtx=0;stereo=1";
/** The order of the sounds among the lines: the microphone, then the screen. */
const SOUNDS = [VOICE, SCREEN];

/**
 * Returns a description in which the sound lines ask for what is sent here: an encoder does what the description of the
 * receiver says, and in Chromium the decoder too.
 */
export function tuneSound(sdp: string): string {
  const [head = "", ...lines] = sdp.split(/^(?=m=)/m);
  let soundCount = 0;
  return head + lines.map((line) => {
    if (!line.startsWith("m=audio")) return line;
    const options = SOUNDS[soundCount++];
    return options === undefined ? line : tuneLine(line, options);
  }).join("");
}

function tuneLine(line: string, options: string): string {
  const [, payloadType] = /^a=rtpmap:(\d+) opus\/48000/mi.exec(line) ?? [];
  if (payloadType === undefined) return line;
  const names = options.split(";").map((option) => option.split("=")[0]);
  const fmtp = new RegExp(`^a=fmtp:${payloadType} ([^\\r\\n]*)`, "m");
  return line.replace(fmtp, (_, known: string) => {
    const kept = known.split(";").filter((option) => !names.includes(option.trim().split("=")[0]));
    return `a=fmtp:${payloadType} ${[...kept, options].join(";")}`;
  });
}
