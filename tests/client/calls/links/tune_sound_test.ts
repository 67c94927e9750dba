import { describe, expect, it } from "vitest";
import { tuneSound } from "../../../../client/calls/links/tune_sound.ts";

const line = (media: string, ...rest: string[]) => [`m=${media}`, ...rest].join("\r\n");
const OPUS = ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=0;usedtx=0"];

describe("tuneSound()", () => {
  it("repairs and pauses a voice, and sends the sound of a screen whole and in stereo", () => {
    const sdp = [
      "v=0",
      line("audio 9", ...OPUS),
      line("video 9", "a=rtpmap:96 VP8/90000"),
      line("audio 9", ...OPUS),
      "",
    ].join("\r\n");
    const tuned = tuneSound(sdp);
    expect(tuned.match(/a=fmtp:111 .*/g)).toEqual([
      "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1",
      "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=0;stereo=1",
    ]);
    expect(tuned.replaceAll(/a=fmtp.*/g, "")).toBe(sdp.replaceAll(/a=fmtp.*/g, ""));
  });

  it("leaves alone what it does not know", () => {
    for (
      const sdp of [
        "",
        "v=0\r\n",
        line("audio 9", "a=rtpmap:0 PCMU/8000"),
        line("audio 9", ...OPUS.slice(0, 1)),
      ]
    ) {
      expect(tuneSound(sdp)).toBe(sdp);
    }
  });
});
