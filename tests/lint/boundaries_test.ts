import { describe, expect, it, onTestFinished } from "vitest";
import boundaries from "./boundaries.ts";

type RuleName = keyof typeof boundaries.rules;
type Sample = readonly [file: string, source: string];

/** What each rule must report, and what it must accept. */
const SAMPLES: Record<RuleName, { readonly fires: readonly Sample[]; readonly quiet: readonly Sample[] }> = {
  "import-direction": {
    fires: [
      ["shared/a.ts", `import { x } from "../server/log.ts";`],
      ["shared/a.ts", `import type { X } from "../client/net/api.ts";`],
      ["shared/a.ts", `import { Hono } from "hono";`],
      ["server/rooms/a.ts", `import { x } from "../../client/net/api.ts";`],
      ["server/rooms/a.ts", `import { x } from "../support/test_app.ts";`],
      ["server/rooms/a.ts", `import { it } from "vitest";`],
      ["server/rooms/a.ts", `import { x } from "../messages/message_store.ts";`],
      ["server/rooms/a.ts", `export * from "../typing/typing_router.ts";`],
      ["server/rooms/a.ts", `export { x } from "../typing/typing_router.ts";`],
      ["server/rooms/a.ts", `const x = await import("../typing/typing_router.ts");`],
      ["server/rooms/a.ts", `const x = await import(name);`],
      ["server/rooms/a.ts", `type T = import("../typing/typing_router.ts").T;`],
      ["server/rooms/a.ts", `import { startServer } from "../server.ts";`],
      ["server/rooms/a.ts", `import { permissionFlags } from "../cli/permissions.ts";`],
      ["server/config.ts", `import { permissionFlags } from "./cli/permissions.ts";`],
      ["server/rooms/rooms_router.ts", `import type { Database } from "../kv/database.ts";`],
      ["server/rooms/room_stream.ts", `import type { Database } from "../kv/database.ts";`],
      ["server/streams/a.ts", `import type { RoomNotice } from "../rooms/room_stream.ts";`],
      ["server/streams/a.ts", `import type { Actor } from "../auth/authorize.ts";`],
      ["server/rooms/room_store.ts", `import { x } from "./rooms_router.ts";`],
      ["client/rooms/a.ts", `import { AppRouter } from "../../server/router.ts";`],
      ["client/rooms/a.ts", `import { type AppRouter } from "../../server/router.ts";`],
      ["client/rooms/a.ts", `import type { X } from "../../server/log.ts";`],
      ["client/rooms/a.ts", `import type { TRPCClientError } from "@trpc/client";`],
      ["client/rooms/a.ts", `import { join } from "node:path";`],
      ["client/rooms/a.ts", `import { App } from "../app/App.tsx";`],
      ["client/rooms/a.ts", `import { x } from "../timeline/messages_model.ts";`],
      ["client/timeline/a.ts", `import { x } from "../rooms/rooms_model.ts";`],
      ["client/timeline/a.ts", `import { x } from "../composer/composer_model.ts";`],
      ["client/outbox/a.ts", `import { x } from "../timeline/messages_model.ts";`],
      ["client/rooms/rooms_model.ts", `import { RoomList } from "./RoomList.tsx";`],
      ["tests/shared/call/a_test.ts", `import { x } from "../../client/rooms/rooms_kit.ts";`],
    ],
    quiet: [
      ["shared/a.ts", `import type { RoomId } from "./ids.ts"; import * as v from "valibot";`],
      ["server/messages/a.ts", `import { x } from "../rooms/room_store.ts";`],
      ["server/messages/a.ts", `import { userProcedure } from "../rpc/trpc.ts";`],
      ["server/cli/a.ts", `import { bundleClient } from "../build/client_bundle.ts";`],
      ["server/rooms/room_stream.ts", `import { keys } from "../kv/keys.ts";`],
      ["server/messages/message_store.ts", `import type { Database } from "../kv/database.ts";`],
      [
        "server/streams/a.ts",
        `import { keys } from "../kv/keys.ts"; import { X } from "../../shared/ids.ts";`,
      ],
      ["server/server.ts", `import { x } from "./messages/messages_router.ts";`],
      ["client/timeline/a.ts", `import { Outbox } from "../outbox/outbox.ts";`],
      ["client/timeline/a.ts", `import type { AppRouter } from "../../server/router.ts";`],
      ["client/timeline/Timeline.tsx", `import { Button } from "../ui/Button.tsx";`],
      ["client/net/api.ts", `import { wsLink } from "@trpc/client";`],
      ["client/app/App.tsx", `import { Timeline } from "../timeline/Timeline.tsx";`],
      ["tests/system/a_test.ts", `import { x } from "../../server/server.ts"; import { it } from "vitest";`],
      ["tests/shared/call/a_test.ts", `import { x } from "./call_kit.ts"; import { it } from "vitest";`],
      ["tests/shared/call/a_test.ts", `import { x } from "../../../shared/call/call.ts";`],
    ],
  },
  "max-lines": {
    fires: [["server/a.ts", "a();\n".repeat(301)], ["tests/a_test.ts", "a();\n".repeat(401)]],
    quiet: [["server/a.ts", "a();\n".repeat(300)], ["tests/a_test.ts", "a();\n".repeat(400)]],
  },
  "file-name": {
    fires: [
      ["server/utils.ts", ""],
      ["client/ui/index.ts", ""],
      ["shared/types.ts", ""],
      ["server/roomStore.ts", ""],
      ["client/ui/button.tsx", ""],
    ],
    quiet: [
      ["server/rooms/room_store.ts", ""],
      ["client/ui/Button.tsx", ""],
      ["client/main.tsx", ""],
      ["tests/client/button_test.tsx", ""],
      ["server/std_types.d.ts", ""],
    ],
  },
  "camel-case": {
    fires: [
      ["server/a.ts", `const user_id = 1;`],
      ["server/a.ts", `function get_user() {}`],
      ["server/a.ts", `const f = (user_id: string, now_ms = 1) => 1;`],
      ["server/a.ts", `class A { room_id = 1; }`],
    ],
    quiet: [[
      "server/a.ts",
      `const MAX_COUNT = 1; const texts = { not_found: "No" }; function f(_unused) {}`,
    ]],
  },
  "documented-exports": {
    fires: [
      ["shared/a.ts", `export const A = 1;`],
      ["shared/a.ts", `// Not JSDoc.\nexport interface A {}`],
      ["shared/a.ts", `export const textOptions = {};`],
      ["shared/a.ts", `/** About b. */\nconst b = 2;\nexport const A = 1;`],
      ["server/streams/a.ts", `/** A thing. */ export class A { open() {} }`],
      ["server/rooms/room_store.ts", `export class RoomStore {}`],
      ["client/ui/Button.tsx", `export function Button() {}`],
    ],
    quiet: [
      ["shared/a.ts", `/** Größe … 😀. */\n// More.\nexport const A = "…";\n/** B. */\nexport const b = 2;`],
      [
        "server/streams/a.ts",
        `/** A thing. */ export class A { /** Opens. */ open() {} #own() {} get b() { return 1; } }`,
      ],
      ["server/streams/a.ts", `/** A thing. */ export class A implements B { open() {} }`],
      ["server/streams/a.ts", `export interface HubOptions {}`],
      ["server/rooms/rooms_router.ts", `export const roomsRouter = router({});`],
    ],
  },
  "no-html-sinks": {
    fires: [
      ["client/ui/A.tsx", `node.innerHTML = text;`],
      ["client/ui/A.tsx", `node["outerHTML"] = text;`],
      ["client/ui/A.tsx", `node.insertAdjacentHTML("beforeend", text);`],
      ["client/ui/A.tsx", `document.write(text);`],
      ["client/ui/A.tsx", `const a = <p dangerouslySetInnerHTML={{ __html: text }} />;`],
      ["client/ui/A.tsx", `const a = h("p", { dangerouslySetInnerHTML: { __html: text } });`],
      ["client/ui/A.tsx", `trustedTypes.createPolicy("other", {});`],
      ["server/net/a.ts", `Object.assign(node, { innerHTML: text });`],
    ],
    quiet: [
      ["client/app/trusted_types.ts", `trustedTypes.createPolicy("parley", {});`],
      ["client/ui/A.tsx", `node.textContent = "innerHTML"; stream.write(text);`],
    ],
  },
  "no-console": {
    fires: [
      ["server/main.ts", `console.log("x");`],
      ["client/app/App.tsx", `console["error"]("x");`],
      ["tests/server/a_test.ts", `console.log("x");`],
    ],
    quiet: [
      ["server/log.ts", `console.log("x");`],
      ["tests/bench/main.ts", `console.log("x");`],
      ["server/main.ts", `log.info("x");`],
    ],
  },
  "env-in-config": {
    fires: [
      ["server/main.ts", `Deno.env.get("PORT");`],
      ["server/main.ts", `process.env.PORT;`],
      ["server/main.ts", `Deno["env"].get("PORT");`],
    ],
    quiet: [
      ["server/config.ts", `Deno.env.get("PORT");`],
      ["tests/support/browser.ts", `Deno.env.get("CHROME_PATH");`],
      ["server/main.ts", `Deno.exit(1); import.meta.env;`],
    ],
  },
  "no-deno": {
    fires: [
      ["shared/a.ts", `Deno.readTextFileSync("x");`],
      ["shared/a.ts", `let key: Deno.KvKey;`],
      ["client/net/a.ts", `if ("Deno" in globalThis) Deno.exit();`],
    ],
    quiet: [["server/a.ts", `Deno.exit();`], ["client/net/a.ts", `const text = "Deno";`]],
  },
  "sockets-in-net": {
    fires: [["client/rooms/a.ts", `new WebSocket("ws://x");`], ["client/app/a.ts", `new EventSource("/x");`]],
    quiet: [["client/net/a.ts", `new WebSocket("ws://x");`], ["tests/wire/a_test.ts", `new WebSocket("x");`]],
  },
  "keys-in-one-file": {
    fires: [
      ["server/rooms/room_store.ts", `const key: Deno.KvKey = ["other", roomId];`],
      ["server/rooms/room_store.ts", `const key = ["room", roomId];`],
      ["server/rooms/room_store.ts", `f(["room", roomId] as const);`],
      ["server/rooms/room_store.ts", `await this.#kv.get(["other"]);`],
      ["server/rooms/room_store.ts", `await db.list(["other"], { limit: 1 });`],
      ["server/rooms/room_store.ts", `const draft = { prefix: ["other"] };`],
      ["server/rooms/room_store.ts", `const key = (): Deno.KvKey => ["other"];`],
      ["server/rooms/room_store.ts", `const key = ["other"] satisfies Deno.KvKey;`],
      ["server/rooms/room_store.ts", `const key = [...keys.room(id), "more"];`],
    ],
    quiet: [
      ["server/kv/keys.ts", `const room = (id: string): Deno.KvKey => ["room", id];`],
      [
        "server/rooms/room_store.ts",
        `const row = await db.get(keys.room(id)); const kinds = ["room", "direct"];`,
      ],
      ["server/rooms/room_store.ts", `atomic.set(keys.room(id), ["tag", id]); map.get(["tag", 1]);`],
      ["client/rooms/a.ts", `const pair = ["room", roomId];`],
    ],
  },
  "open-kv-in-kv": {
    fires: [["server/main.ts", `const kv = await Deno.openKv(path);`]],
    quiet: [
      ["server/kv/open.ts", `const kv = await Deno.openKv(path);`],
      ["tests/a_test.ts", `Deno.openKv();`],
    ],
  },
};

for (const [rule, { fires, quiet }] of Object.entries(SAMPLES)) {
  const id = `parley/${rule}`;
  const reports = (file: string, source: string) =>
    Deno.lint.runPlugin(boundaries, file, source).filter((at) => at.id === id);

  const title = ([file, source]: Sample) => `${file}: ${source.slice(0, 80).replaceAll("\n", " ")}`;

  describe(id, () => {
    for (const sample of fires) {
      it(`fires on ${title(sample)}`, () => expect(reports(...sample)).not.toEqual([]));
    }
    for (const sample of quiet) {
      it(`is quiet on ${title(sample)}`, () => expect(reports(...sample)).toEqual([]));
    }
  });
}

describe("deno lint", () => {
  it("runs the rules by the project's own configuration", async () => {
    const folder = await Deno.makeTempDir();
    onTestFinished(() => Deno.remove(folder, { recursive: true }));
    await Deno.writeTextFile(`${folder}/utils.ts`, "export const a = 1;\n");
    const child = new Deno.Command(Deno.execPath(), {
      args: ["lint", "--config", `${import.meta.dirname}/../../deno.json`, folder],
      env: { NO_COLOR: "1" },
    });
    const { code, stderr } = await child.output();
    expect(new TextDecoder().decode(stderr)).toContain("parley/file-name");
    expect(code).toBe(1);
  });
});
