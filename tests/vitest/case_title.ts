// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import { format, stringify } from "npm:@vitest/utils@5.1.1/display";

/** Replaces `%s`, `%i`, `%#` … and `$field.of.first` in an `each` title with the values of a case. */
export function caseTitle(title: string, args: readonly unknown[], index: number): string {
  const counted = title.replaceAll(/%([#$])/g, (_, kind) => String(kind === "#" ? index : index + 1));
  const places = counted.match(/%[sdifjoOc]/g)?.length ?? 0;
  const filled = format([counted, ...args.slice(0, places)]);
  const [first] = args;
  if (typeof first !== "object" || first === null) return filled;
  return filled.replaceAll(/\$([\w.]+)/g, (whole, path: string) => fieldOf(first, path.split("."), whole));
}

function fieldOf(value: unknown, path: readonly string[], whole: string): string {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null || !(key in found)) return whole;
    found = Reflect.get(found, key);
  }
  return typeof found === "string" ? found : stringify(found);
}
