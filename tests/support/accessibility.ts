// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import axe from "npm:axe-core@4.14.1";
import type { Page } from "./browser.ts";

interface Finding {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** Fails with all accessibility rules that the page violates right now. */
export async function expectNoAxeViolations(page: Page): Promise<void> {
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axe.source);
  const findings = await page.evaluate(async (): Promise<readonly Finding[]> => {
    const { violations } = await Reflect.get(globalThis, "axe").run(document);
    return violations;
  });
  if (findings.length === 0) return;
  const lines = findings.flatMap(({ id, help, nodes }) => [
    `${id}: ${help}`,
    ...nodes.map((node) => `  ${node.html}\n    ${node.failureSummary ?? ""}`),
  ]);
  throw new Error(`The page at ${page.url()} breaks accessibility rules:\n${lines.join("\n")}`);
}
