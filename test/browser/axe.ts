import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright";

const source = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe finds on a page that keeps somebody out, of any impact, with the elements. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: source });
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}
