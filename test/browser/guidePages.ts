import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright";

// The pages that guides show, as they stand there.

/** The repository. */
export const root = fileURLToPath(new URL("../../", import.meta.url));
const cdn = "https://cdn.jsdelivr.net/npm/tinygrad-ts/";
const site = "https://page.test/";

/** The code block of a guide whose fence says this. */
export function block(guide: string, fence: string): string {
  const text = readFileSync(`${root}docs/guide/${guide}`, "utf8");
  const found = text.split("\n```").find((part) => part.startsWith(`${fence}\n`));
  if (found === undefined) throw new Error(`${guide} has no block \`\`\`${fence}`);
  return found.slice(fence.length + 1);
}

/** Opens a page that consists of these files, where the CDN has the package as it was built, and waits for its answer. */
export async function openPage(
  browser: Browser,
  files: Readonly<Record<string, string>>,
): Promise<{ readonly page: Page; readonly answer: string | null; readonly context: BrowserContext }> {
  const context = await browser.newContext();
  await context.route("**/*", async (route) => {
    const url = route.request().url();
    const [name, packaged] = [url.slice(site.length), `${root}${url.slice(cdn.length)}`];
    const contentType = url.endsWith(".js") ? "text/javascript" : "text/html";
    const headers = { "access-control-allow-origin": "*" };
    if (url.startsWith(cdn) && existsSync(packaged)) await route.fulfill({ path: packaged, contentType, headers });
    else if (url.startsWith(site) && files[name] !== undefined) await route.fulfill({ body: files[name], contentType });
    else await route.fulfill({ status: 404 });
  });
  const page = await context.newPage();
  await page.goto(site);
  await page.locator("#answer:not(:empty)").waitFor({ timeout: 60_000 });
  return { page, answer: await page.locator("#answer").textContent(), context };
}
