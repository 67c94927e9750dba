import { describe, expect, it } from "vitest";

const ROOT = `${import.meta.dirname}/../..`;
const THREAT_COUNT = 45;
const FAULT_COUNT = 16;
/** Parts that are not built yet. */
const LATER = ["later: calls", "later: files", "later: search"];

/** One line of the table. */
interface Row {
  readonly id: string;
  readonly test: string;
  /** A piece of the test's name, as it stands in the source. */
  readonly name: string;
}

/** Reads the table of SECURITY.md. */
function rowsOf(text: string): Row[] {
  return text.split("\n").flatMap((line) => {
    const [, id = "", , test = "", name = ""] = line.split("|").map((cell) => cell.trim());
    return /^[TF]\d+$/.test(id) ? [{ id, test: test.replaceAll("`", ""), name }] : [];
  });
}

/** Says what is wrong with a row; null when its test exists. */
async function problemOf({ id, test, name }: Row): Promise<string | null> {
  if (LATER.includes(test)) return name === "" ? null : `${id}: a test that is for later has a name`;
  const text = await Deno.readTextFile(`${ROOT}/${test}`).catch(() => null);
  if (text === null) return `${id}: there is no ${test}`;
  const names = text.split("\n").filter((line) => /^\s*(?:it|describe)\b|^\s*[`"].*[`"],$/.test(line)).join(
    "\n",
  );
  return name !== "" && names.includes(name) ? null : `${id}: ${test} has no test "${name}"`;
}

const rows = rowsOf(await Deno.readTextFile(`${ROOT}/SECURITY.md`));

describe("the table of threats and faults", () => {
  it("has every one, in order", () => {
    const ids = [
      ...Array.from({ length: THREAT_COUNT }, (_, index) => `T${String(index + 1).padStart(2, "0")}`),
      ...Array.from({ length: FAULT_COUNT }, (_, index) => `F${index + 1}`),
    ];
    expect([...new Set(rows.map(({ id }) => id))]).toEqual(ids);
  });

  it("names tests that exist", async () => {
    const problems = await Promise.all(rows.map(problemOf));
    expect(problems.filter((problem) => problem !== null)).toEqual([]);
  });

  it("would be seen if it did not", async () => {
    expect(await problemOf({ id: "T01", test: "tests/gone_test.ts", name: "a" })).toContain("there is no");
    const test = "tests/security/table_test.ts";
    expect(await problemOf({ id: "T01", test, name: "has every one" })).toBeNull();
    expect(await problemOf({ id: "T01", test, name: "has every two" })).toContain("has no test");
    expect(await problemOf({ id: "T01", test: "later: never", name: "" })).toContain("there is no");
  });
});
