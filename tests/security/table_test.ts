import { describe, expect, it } from "vitest";

const ROOT = `${import.meta.dirname}/../..`;
const THREAT_COUNT = 45;
const FAULT_COUNT = 16;
/** Parts that do not exist yet. */
const LATER = ["later: search"];
/** Minimum number of words of a title, so that it is clear which test is meant. */
const NAME_MIN_WORDS = 3;

/** One row of the table. */
interface Row {
  readonly id: string;
  readonly test: string;
  /** The beginning of the test's title, as written in the source. */
  readonly name: string;
}

/** A test in a file. */
interface Title {
  /** As written in the source, including `${…}`. */
  readonly text: string;
  readonly isSkipped: boolean;
}

/** Reads the table of SECURITY.md. */
function rowsOf(text: string): Row[] {
  return text.split("\n").flatMap((line) => {
    const [, id = "", , test = "", name = ""] = line.split("|").map((cell) => cell.trim());
    return /^[TF]\d+$/.test(id)
      ? [{ id, test: test.replaceAll("`", ""), name: name.replaceAll("`", "") }]
      : [];
  });
}

/** Returns what is wrong with a row; null if its test exists and runs. */
async function problemOf({ id, test, name }: Row): Promise<string | null> {
  if (LATER.includes(test)) return name === "" ? null : `${id}: a test that is for later has a name`;
  const source = await Deno.readTextFile(`${ROOT}/${test}`).catch(() => null);
  if (source === null) return `${id}: there is no ${test}`;
  return problemWithin(source, { id, test, name });
}

function problemWithin(source: string, { id, test, name }: Row): string | null {
  const titles = titlesOf(source).filter(({ text }) =>
    text === name || text.startsWith(name) && endsWord(text, name)
  );
  if (titles.length === 0) return `${id}: ${test} has no test "${name}"`;
  if (titles.length > 1) return `${id}: ${test} has several tests "${name}"`;
  if (titles[0]?.text !== name && name.split(" ").length < NAME_MIN_WORDS) {
    return `${id}: "${name}" says too little of the title`;
  }
  return titles[0]?.isSkipped === true ? `${id}: "${name}" in ${test} is skipped` : null;
}

function endsWord(text: string, name: string): boolean {
  return /^\W/.test(text.slice(name.length));
}

/** The tests of a file, from its syntax tree: comments and other strings do not count. */
function titlesOf(source: string): Title[] {
  const titles: Title[] = [];
  Deno.lint.runPlugin(
    {
      name: "titles",
      rules: {
        collect: {
          create: ({ sourceCode }) => ({
            CallExpression(node) {
              const [title] = node.arguments;
              if (calledName(node) !== "it" || title === undefined) return;
              const [from, to] = title.range;
              const around = [...sourceCode.getAncestors(node), node];
              titles.push({ text: source.slice(from + 1, to - 1), isSkipped: around.some(isSkipped) });
            },
          }),
        },
      },
    },
    "a_test.ts",
    source,
  );
  return titles;
}

/** Returns `it` for a call that registers tests: `it(…)`, `it.skip(…)`, `it.each(…)(…)`, `it.skipIf(…).each(…)(…)`. */
function calledName(call: Deno.lint.CallExpression): string | null {
  // The results of `it.each(cases)` and `it.skipIf(condition)` are called again.
  const { parent } = call;
  if (parent.type === "MemberExpression" || parent.type === "CallExpression" && parent.callee === call) {
    return null;
  }
  const [first] = chainOf(call);
  return first ?? null;
}

/** The names in a call: `it.skipIf(condition).each(cases)` is it, skipIf, each. */
function chainOf(call: Deno.lint.CallExpression): string[] {
  const names: string[] = [];
  let at: Deno.lint.Node = call;
  while (at.type === "CallExpression" || at.type === "MemberExpression") {
    if (at.type === "CallExpression") at = at.callee;
    else {
      if (at.property.type === "Identifier") names.unshift(at.property.name);
      at = at.object;
    }
  }
  if (at.type === "Identifier") names.unshift(at.name);
  return names;
}

/** Whether a call of `it` or `describe` never runs, on any machine. */
function isSkipped(node: Deno.lint.Node): boolean {
  if (node.type !== "CallExpression") return false;
  const [first = "", ...rest] = chainOf(node);
  if (!["it", "describe"].includes(first)) return false;
  return rest.includes("skip") || rest.includes("todo") || hasSkipOption(node);
}

/** `it("…", {skip: true}, …)`. */
function hasSkipOption({ arguments: given }: Deno.lint.CallExpression): boolean {
  return given.some((one) =>
    one.type === "ObjectExpression" &&
    one.properties.some((property) =>
      property.type === "Property" && property.key.type === "Identifier" && property.key.name === "skip"
    )
  );
}

const rows = rowsOf(await Deno.readTextFile(`${ROOT}/SECURITY.md`));

describe("the table of threats and faults", () => {
  it("lists every one, in order", () => {
    const ids = [
      ...Array.from({ length: THREAT_COUNT }, (_, index) => `T${String(index + 1).padStart(2, "0")}`),
      ...Array.from({ length: FAULT_COUNT }, (_, index) => `F${index + 1}`),
    ];
    expect([...new Set(rows.map(({ id }) => id))]).toEqual(ids);
  });

  it("names tests that exist", async () => {
    const problems = (await Promise.all(rows.map(problemOf))).filter((problem) => problem !== null);
    expect(problems, problems.join("\n")).toEqual([]);
  });

  it("fails if it does not", async () => {
    expect(await problemOf({ id: "T01", test: "tests/gone_test.ts", name: "a" })).toContain("there is no");
    const test = "tests/security/table_test.ts";
    expect(await problemOf({ id: "T01", test, name: "lists every one, in order" })).toBeNull();
    expect(await problemOf({ id: "T01", test, name: "has every two" })).toContain("has no test");
    expect(await problemOf({ id: "T01", test: "later: never", name: "" })).toContain("there is no");
  });

  const name = "T01 is refused at once";
  it.each([
    `it("${name}, whoever asks", () => {});`,
    `describe.skipIf(!isPossible)("a", () => { for (const one of [1]) it(\`${name}\`, async () => {}); });`,
    `it.skipIf(!isPossible)("${name}", () => {}, 1_000);`,
    `it.each([["a"]])(\n  "${name}: %s",\n  (one) => {},\n);`,
    `describe.each([["a"]])("b", (one) => { it.runIf(one).each([1])("${name} by \${one}", () => {}); });`,
  ])("takes %s", (source) => {
    expect(problemWithin(source, { id: "T01", test: "a_test.ts", name })).toBeNull();
  });

  it.each([
    `// it("${name}", () => {});`,
    `const TITLES = [\n  "${name}",\n];`,
    `describe("${name}", () => {});`,
    `expect("${name}").toBe(1);`,
    `it("${name}ly refused", () => {});`,
    `it("now ${name}", () => {});`,
    // Only texts: a test that is skipped or still to be written proves nothing, so the table may not name it.
    `it.skip("${name}", () => {}); // a sample: what does not run proves nothing`,
    `it.todo("${name}"); // a sample: what is not written proves nothing`,
    `it("${name}", { skip: true }, () => {});`,
    `it.skip.each([1])("${name}", () => {}); // a sample, as above`,
    `describe.skip("a", () => { describe("b", () => { it("${name}", () => {}); }); }); // a sample, as above`,
    `it("${name}", () => {}); it("${name} again", () => {});`,
  ])("does not take %s", (source) => {
    expect(problemWithin(source, { id: "T01", test: "a_test.ts", name })).not.toBeNull();
  });

  it("does not accept a name that is too short", () => {
    const row = { id: "T32", test: "a_test.ts", name: "T32" };
    expect(problemWithin('it("T32 closes with 1002", () => {});', row)).toContain("too little");
  });
});
