import { createServer } from "node:tls";
import { describe, expect, it } from "vitest";
import { hasProxies, makeCertificate } from "../../support/proxies.ts";
import { ROOT_ONLY, withSmallDisk } from "../../support/small_disk.ts";
import { temporaryFolder } from "../../support/temporary_folder.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";

const canMakeCertificates = await hasProxies();
const DAY_MS = 86_400_000;

async function publicTexts(app: TestApp): Promise<string> {
  const paths = ["/status", "/api/v2/summary.json", "/status.md"];
  return (await Promise.all(paths.map(async (path) => (await fetch(`${app.url}${path}`)).text()))).join("");
}

describe("owners and admins are told", () => {
  it.skipIf(!ROOT_ONLY.isPossible)("that the disk is almost full, and strangers are not", async () => {
    await withSmallDisk({ size: "40m" }, async (folder) => {
      await using app = await testApp({ config: { dataDir: `${folder}/data` } });
      await app.server.monitor.tick();
      await app.server.monitor.tick();
      const { freeBytes } = await app.owner.api.workspace.get.query();
      expect(freeBytes).toBeGreaterThan(10_000_000);
      expect(freeBytes).toBeLessThan(42_000_000);
      const ben = await app.person("Ben");
      expect(await ben.api.workspace.get.query()).not.toHaveProperty("freeBytes");
      expect(app.logs.filter((line) => line.includes("The disk is almost full"))).toHaveLength(1);
      expect(await publicTexts(app)).not.toMatch(/disk/i);
    });
  });

  it.skipIf(!canMakeCertificates)("that the certificate ends, when less than 14 days are left", async () => {
    await using folder = await temporaryFolder();
    const { certFile, keyFile } = await makeCertificate(folder.path);
    const proxy = createServer({
      cert: await Deno.readTextFile(certFile),
      key: await Deno.readTextFile(keyFile),
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const address = proxy.address();
    const port = typeof address === "object" ? address?.port : undefined;
    // It is valid for two days from now.
    const clock = { now: Date.now() - 13 * DAY_MS };
    await using app = await testApp({
      now: () => clock.now,
      config: { publicUrl: `https://127.0.0.1:${port}` },
    });
    const warnings = () => app.services.ownerWarnings;
    await app.server.monitor.tick();
    expect(warnings().certificateEndsAt).toBeNull();
    clock.now += 2 * DAY_MS;
    await app.server.monitor.tick();
    const endsAt = Date.parse(warnings().certificateEndsAt ?? "");
    expect(Math.abs(endsAt - (Date.now() + 2 * DAY_MS))).toBeLessThan(60_000);
    expect((await app.owner.api.workspace.get.query()).certificateEndsAt).toBe(warnings().certificateEndsAt);
    expect(app.logs.filter((line) => line.includes("The certificate must be renewed"))).toHaveLength(1);
    expect(await publicTexts(app)).not.toMatch(/certificate/i);
    await new Promise((resolve) => proxy.close(resolve));
  });
});
