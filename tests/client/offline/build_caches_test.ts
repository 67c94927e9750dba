import { describe, expect, it } from "vitest";
import { BuildCaches, KEPT_BUILD_MAX_COUNT } from "../../../client/offline/build_caches.ts";

/** The caches of a browser whose server has some files; Deno's lack `addAll` and `keys`. */
class FakeCaches {
  readonly names = new Map<string, Map<string, string>>();
  readonly served = new Set<string>();

  open(name: string) {
    const files = this.names.get(name) ?? new Map<string, string>();
    this.names.set(name, files);
    return Promise.resolve({
      addAll: (paths: string[]) => {
        if (paths.some((path) => !this.served.has(path))) return Promise.reject(new TypeError("404"));
        for (const path of paths) files.set(path, path);
        return Promise.resolve();
      },
    });
  }

  has(name: string) {
    return Promise.resolve(this.names.has(name));
  }

  keys() {
    return Promise.resolve([...this.names.keys()]);
  }

  delete(name: string) {
    return Promise.resolve(this.names.delete(name));
  }

  match(path: string) {
    const found = [...this.names.values()].find((files) => files.has(path))?.get(path);
    return Promise.resolve(found === undefined ? undefined : new Response(found));
  }
}

function buildOf(version: string) {
  const page = `/static/rooms-${version}.html`;
  return { version, page, files: [page, `/static/app-${version}.js`] };
}

describe("the caches of builds", () => {
  it("keep the newest builds, and files of each of them", async () => {
    const browser = new FakeCaches();
    browser.names.set("of-another-app", new Map());
    const store = async (version: string) => {
      const build = buildOf(version);
      for (const path of build.files) browser.served.add(path);
      const caches = new BuildCaches(browser as unknown as CacheStorage, build);
      await caches.store();
      await caches.prune();
      return caches;
    };
    const versions = ["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd", "eeeeeeee"];
    for (const version of versions) await store(version);
    const kept = versions.slice(-KEPT_BUILD_MAX_COUNT);
    expect([...browser.names.keys()]).toEqual(["of-another-app", ...kept.map((v) => `parley-build-${v}`)]);
    // The server goes back to an earlier build, which is the oldest one here and must stay.
    const back = await store("cccccccc");
    await store("cccccccc");
    for (const version of kept) {
      const file = await back.find(`/static/app-${version}.js`);
      expect(await file?.text()).toBe(`/static/app-${version}.js`);
    }
    expect(await (await back.page())?.text()).toBe("/static/rooms-cccccccc.html");
    expect(await back.find("/static/app-aaaaaaaa.js")).toBeNull();
  });

  it("have a whole build or nothing of it", async () => {
    const browser = new FakeCaches();
    const build = buildOf("aaaaaaaa");
    browser.served.add(build.page);
    const caches = new BuildCaches(browser as unknown as CacheStorage, build);
    await expect(caches.store()).rejects.toThrow("404");
    expect([...browser.names.keys()]).toEqual([]);
    for (const path of build.files) browser.served.add(path);
    await caches.store();
    browser.served.clear();
    await expect(caches.store()).rejects.toThrow("404");
    expect(await (await caches.page())?.text()).toBe(build.page);
  });

  it("answer only for names with a hash", () => {
    const caches = new BuildCaches(new FakeCaches() as unknown as CacheStorage, buildOf("aaaaaaaa"));
    const may = [
      "/static/app-jjUFT9HkroajEoyu.js",
      "/static/chunk-ZTIILPWF.js",
      "/static/late-3gxvpyTAYKl6Ppvm.css",
    ];
    const never = [
      "/trpc/auth.me",
      "/status",
      "/static/favicon.svg",
      "/static/app.webmanifest",
      "/sw.js",
      "/healthz",
    ];
    expect([...may, ...never].filter((path) => caches.has(path))).toEqual(may);
  });
});
