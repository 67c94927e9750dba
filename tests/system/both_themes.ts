import { expectNoAxeViolations } from "../support/accessibility.ts";
import type { Screen } from "./screen.ts";

/** Looks at the page as it stands, in both themes. */
export async function checkBothThemes({ page }: Screen): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expectNoAxeViolations(page);
  }
}
