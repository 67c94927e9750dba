import { describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { Page } from "../support/browser.ts";
import { seedPerson } from "../support/seed.ts";
import { NASTY_TEXTS } from "../client/ui/nasty_texts.ts";
import { NAME_MAX_CHARACTERS, STATUS_TEXT_MAX_CHARACTERS } from "../../shared/limits.ts";
import { chatApp, seat } from "./people_kit.ts";
import { eventually } from "./screen.ts";

// Numbered, because signs at the ends of a name do not tell people apart.
const NAMES = NASTY_TEXTS.filter((text) => text.includes("<"))
  .map((text, index) => `${text} ${index}`)
  .filter((name) => name.length <= NAME_MAX_CHARACTERS);
const STATUSES = NASTY_TEXTS.filter((text) => /^<(?:img|svg|details)/.test(text)).slice(0, 3);

/** What a text must never become, wherever it is drawn. */
function intruders(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const foreign =
      "script:not([src]), iframe, img:not([src^='/']), object, embed, base, math, style, animate, details, form[action]";
    const byTag = [...document.querySelectorAll(foreign)].map((node) =>
      `${node.tagName} ${node.getAttributeNames().join()}`
    );
    const byAttribute = [...document.querySelectorAll("*")].flatMap((node) =>
      node.getAttributeNames().filter((name) => name.startsWith("on")).map((name) =>
        `${node.tagName} ${name}`
      )
    );
    const byAddress = [...document.querySelectorAll("a")].map(({ protocol }) => protocol).filter((protocol) =>
      !["http:", "https:", "mailto:"].includes(protocol)
    );
    return [...byTag, ...byAttribute, ...byAddress];
  });
}

describe("names that look like markup", () => {
  it("T16 stay text as people, rooms, topics and statuses, wherever they are shown", async () => {
    await using app = await chatApp();
    const { services, owner } = app;
    // Through the stores, which take what the door refuses: the view is the last wall.
    const [general] = await owner.api.rooms.list.query();
    for (const name of NAMES) {
      const person = await seedPerson(services, name, "member");
      if (general !== undefined) await services.rooms.members.join({ userId: person.id, roomId: general.id });
      await services.rooms.create({ name, kind: "public", topic: name, by: owner.id });
    }
    for (const [index, text] of STATUSES.entries()) {
      const person = await app.person(`Person ${index}`);
      await app.clientFor(person, "ws").presence.set.mutate({
        status: "online",
        text: text.slice(0, STATUS_TEXT_MAX_CHARACTERS),
      });
    }
    await using browser = await openBrowser();
    await using screen = await seat(browser, { app, person: owner });
    const { page } = screen;
    const dialogs: string[] = [];
    page.on("dialog", (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });

    await screen.openRoom("General");
    for (const name of NAMES) {
      await eventually(() => screen.members.innerText()).toContain(name);
      await eventually(() => screen.sidebar.innerText()).toContain(name);
    }
    for (const text of STATUSES) {
      await eventually(() => screen.members.textContent()).toContain(text);
    }
    expect(await intruders(page)).toEqual([]);
    for (const name of NAMES) {
      await screen.sidebar.getByRole("link").filter({ hasText: name }).click();
      await eventually(() => page.getByRole("heading", { level: 1 }).innerText()).toContain(name);
      expect(await intruders(page)).toEqual([]);
    }
    await screen.openSettings("People");
    expect(await intruders(page)).toEqual([]);
    expect(dialogs).toEqual([]);
  }, 90_000);
});
