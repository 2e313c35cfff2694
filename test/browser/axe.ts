import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright";

const source = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/**
 * What axe finds on a page that keeps somebody out, of any impact, with the elements. Frames are pages of their own.
 *
 * @param without - selectors of what is left out, since another page shows the same.
 */
export async function accessibilityFaults(page: Page, without: readonly string[] = []): Promise<string[]> {
  await page.addScriptTag({ path: source });
  const context = JSON.stringify({ exclude: without });
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${context}, { iframes: false })`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}
