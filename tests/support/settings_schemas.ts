import * as v from "valibot";

/** What a person wants to be notified of. */
export const level = v.picklist(["all", "mentions", "none"]);

/** The answer of `settings.get` and `settings.set`. */
export const settings = v.strictObject({
  timeZone: v.nullable(v.string()),
  quietHours: v.nullable(v.strictObject({ from: v.string(), to: v.string() })),
  level,
  sound: v.boolean(),
  previews: v.boolean(),
  showReadState: v.boolean(),
  enterSends: v.boolean(),
});
