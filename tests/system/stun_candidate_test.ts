import { describe, expect, it } from "vitest";
import { StunServer } from "../../server/net/stun_server.ts";
import { openBrowser } from "../support/browser.ts";

/** A candidate of a browser, and errors on the way to it. */
interface Gathered {
  readonly types: readonly string[];
  readonly errors: readonly string[];
}

describe("our STUN server and a real Chromium", () => {
  it("give the browser a candidate with the address that it comes from", async () => {
    await using server = await StunServer.open({ hosts: ["127.0.0.1"], port: 0 });
    await using browser = await openBrowser();
    await using profile = await browser.openProfile();
    const page = await profile.openPage("about:blank");
    const gathered: Gathered = await page.evaluate(async (url) => {
      const connection = new RTCPeerConnection({ iceServers: [{ urls: url }] });
      const types: string[] = [];
      const errors: string[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      connection.onicecandidateerror = (event) => void errors.push(`${event.errorCode} ${event.errorText}`);
      connection.onicecandidate = ({ candidate }) => {
        if (candidate === null) resolve();
        else types.push(`${candidate.type} ${candidate.address}`);
      };
      connection.createDataChannel("any");
      await connection.setLocalDescription();
      await promise;
      connection.close();
      return { types, errors };
    }, `stun:${server.addresses[0]}`);
    expect(gathered.errors).toEqual([]);
    expect(gathered.types).toContain("srflx 127.0.0.1");
  }, 60_000);
});
