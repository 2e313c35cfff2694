import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchOptions } from "./chromium.ts";

// What the guide shows for places where no TypeScript runs: the blocks themselves, as they stand there.

const root = fileURLToPath(new URL("../../", import.meta.url));
const cdn = "https://cdn.jsdelivr.net/npm/tinygrad-ts/";
const site = "https://page.test/";

/** The code block of a guide whose fence says this. */
function block(guide: string, fence: string): string {
  const text = readFileSync(`${root}docs/guide/${guide}`, "utf8");
  const found = text.split("\n```").find((part) => part.startsWith(`${fence}\n`));
  if (found === undefined) throw new Error(`${guide} has no block \`\`\`${fence}`);
  return found.slice(fence.length + 1);
}

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch(launchOptions());
});
afterAll(() => browser.close());

/** What a page shows that consists of these files, where the CDN has the package as it was built. */
async function answerOf(files: Readonly<Record<string, string>>): Promise<string | null> {
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
  await page.locator("#answer:not(:empty)").waitFor({ timeout: 10_000 });
  const answer = await page.locator("#answer").textContent();
  await context.close();
  return answer;
}

test.each(["getting-started.md", "zh-CN/getting-started.md"])("%s: CommonJS, a page, and a worker", async (guide) => {
  const printed = execFileSync(process.execPath, ["-e", block(guide, "js commonjs")], { cwd: root, encoding: "utf8" });
  expect(printed).toBe("6\n");
  expect(await answerOf({ "": block(guide, "html") })).toMatch(/6/);
  const page = '<!doctype html><p id="answer"></p><script type="module" src="page.js"></script>';
  const files = { "": page, "page.js": block(guide, "js page.js"), "worker.js": block(guide, "js worker.js") };
  expect(await answerOf(files)).toMatch(/300.*true/);
});
