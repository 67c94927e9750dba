import { describe, expect, it } from "vitest";
import { openSoundTest } from "./media_kit.ts";
import type { SoundTest } from "./media_kit.ts";

describe("keys of a call", () => {
  it("act only in a call, not in fields, and can be switched off", async () => {
    await using test = await openSoundTest();
    const { keyboard } = test.page;
    await keyboard.press("m");
    expect(await acts(test)).toEqual([]);
    await test.run(({ isInCall }) => void (isInCall.value = true));
    for (const key of ["m", "v", "s", "h", "M", "x", "Control+m", "Alt+q", " "]) await keyboard.press(key);
    // A capital letter is what Caps Lock makes of it.
    expect(await acts(test)).toEqual(["mic", "cam", "screen", "hand", "mic", "leave"]);
    await test.page.getByRole("textbox").focus();
    for (const key of ["m", "s", "h"]) await keyboard.press(key);
    expect(await acts(test)).toEqual([]);
    expect(await test.page.getByRole("textbox").inputValue()).toBe("msh");
    // One can leave from everywhere.
    await keyboard.press("Alt+q");
    expect(await acts(test)).toEqual(["leave"]);
    await test.page.getByRole("button").focus();
    await keyboard.press("m");
    expect(await acts(test)).toEqual(["mic"]);
    await test.run(({ preferences }) => preferences.set({ hasSingleKeys: false }));
    for (const key of ["m", "Alt+q"]) await keyboard.press(key);
    expect(await acts(test)).toEqual(["leave"]);
    await test.run(({ keys }) => keys[Symbol.dispose]());
    await keyboard.press("Alt+q");
    expect(await acts(test)).toEqual([]);
  });

  it("Space talks while it is held", async () => {
    await using test = await openSoundTest();
    const { keyboard } = test.page;
    await test.run(({ isInCall, preferences }) => {
      isInCall.value = true;
      preferences.set({ isPushToTalk: true });
    });
    await keyboard.down(" ");
    // Held keys repeat.
    await keyboard.down(" ");
    // Whoever switches it on is heard no more until they hold the key.
    expect(await acts(test)).toEqual(["silence", "talk"]);
    await keyboard.up(" ");
    expect(await acts(test)).toEqual(["silence"]);
    for (const role of ["textbox", "button"] as const) {
      await test.page.getByRole(role).focus();
      await keyboard.press(" ");
      expect(await acts(test)).toEqual([]);
    }
    expect(await test.page.getByRole("textbox").inputValue()).toBe(" ");
    await test.page.evaluate(() =>
      document.activeElement instanceof HTMLElement && document.activeElement.blur()
    );
    // Pressed in the page, released in a field.
    await keyboard.down(" ");
    await test.page.getByRole("textbox").focus();
    await keyboard.up(" ");
    expect(await acts(test)).toEqual(["talk", "silence"]);
  });

  it.each(["blur", "leave", "setting", "dispose"] as const)(
    "nobody goes on talking after %s",
    async (how) => {
      await using test = await openSoundTest();
      await test.run(({ isInCall, preferences }) => {
        isInCall.value = true;
        preferences.set({ isPushToTalk: true });
      });
      await test.page.keyboard.down(" ");
      await test.run(({ isInCall, preferences, keys }, how) => {
        if (how === "blur") globalThis.dispatchEvent(new Event("blur"));
        else if (how === "leave") isInCall.value = false;
        else if (how === "setting") preferences.set({ isPushToTalk: false });
        else keys[Symbol.dispose]();
      }, how);
      expect(await acts(test)).toEqual(["silence", "talk", "silence"]);
    },
  );
});

/** What keys have done since the last look. */
function acts(test: SoundTest): Promise<string[]> {
  return test.run(({ acts }) => acts.splice(0));
}
