import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright";
import { launchOptions } from "../test/browser/chromium.ts";
import { serveFolder } from "../test/browser/staticSite.ts";
import { figures } from "./playground/figures/model.ts";

// npm run screenshots: pages of the site that `npm run docs` built, as a reader sees them on a desktop and on a phone,
// in light and in dark, into docs/screenshots. For looking at, after a change. `npm run screenshots -- relu` takes
// the pages with relu in their address.

const site = fileURLToPath(new URL("site/", import.meta.url));
const target = fileURLToPath(new URL("screenshots/", import.meta.url));
const [wanted = ""] = process.argv.slice(2);

const guides = readdirSync(`${site}documents`).map((file) => `documents/${file}`);
const diverging = "data=regression&activation=linear&layers=16-16-16-16&lr=3";
const paths = [
  "index.html",
  "modules/tinygrad-ts.html",
  "modules/tinygrad-ts_gradcheck.html",
  "classes/tinygrad-ts.Tensor.html",
  "functions/tinygrad-ts.relu.html",
  "functions/tinygrad-ts.maximum.html",
  "functions/tinygrad-ts.crossEntropy.html",
  "source/src/ops/relu.ts.html",
  "playground/index.html",
  "playground/index.html#layers=3-2&walk=2&lang=zh",
  "playground/index.html#preset=lesson&walk=6",
  "playground/index.html#data=spiral&layers=12-8&optimizer=adam&lr=0.01&step=2000",
  "playground/index.html#data=circles&features=x1-x2-x1x1-x2x2-x1x2-sinx1-sinx2&layers=4&step=200&walk=0",
  "playground/index.html#data=circles&layers=6-6-6-6&activation=relu&step=20", // dead
  `playground/index.html#${diverging}`,
  "playground/index.html#layers=3-2&walk=9999&graph=9999&lang=zh",
  "playground/index.html#preset=lesson&walk=5&embed=1",
  "playground/index.html#layers=6-4&embed=1&lang=zh",
  "digits/index.html#step=600",
  "digits/index.html#step=600&draw=25187518458540504050&target=7&lang=zh",
  ...figures.flatMap((name) => [`figures/index.html#show=${name}`, `figures/index.html#show=${name}&lang=zh`]),
  ...guides,
].filter((path) => path.includes(wanted));
/** Most pixels in the height of a picture: what is longer becomes several. */
const tallest = 3000;
const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;

rmSync(target, { recursive: true, force: true });
mkdirSync(target);
let pictures = 0;
const server = await serveFolder(site);
const browser = await chromium.launch(launchOptions());
for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await browser.newPage({ viewport, colorScheme });
    for (const path of paths) {
      await page.goto("about:blank"); // else only the hash changes
      await page.goto(`${server.origin}/${path}`);
      const [, step] = /step=(\d+)/.exec(path) ?? [];
      if (/^(playground|digits)/.test(path)) await page.locator(".transport .main:enabled").waitFor();
      if (step !== undefined) await page.locator("#step", { hasText: step }).waitFor();
      if (path.includes(diverging)) {
        await page.getByRole("button", { name: "Run", exact: true }).click();
        await page.getByRole("alert").waitFor();
        await page.waitForTimeout(300); // until the curves are drawn
      }
      await loadFigures(page);
      const name = path.replace(".html", "").replaceAll(/[^\w.-]+/g, "_");
      const height = await page.evaluate<number>("document.documentElement.scrollHeight");
      for (let y = 0, part = 1; y < height; y += tallest, part++) {
        const clip = { x: 0, y, width: viewport.width, height: Math.min(tallest, height - y) };
        const which = height > tallest ? `-${part}` : "";
        await page.screenshot({ path: `${target}${name}-${size}-${colorScheme}${which}.png`, fullPage: true, clip });
        pictures++;
      }
    }
    await page.close();
  }
}
await browser.close();
await server.close();
console.log(`${pictures} pictures in ${target}`);

/** Figures that move are loaded when one scrolls to them. */
async function loadFigures(page: Page): Promise<void> {
  for (const figure of await page.locator("figure.live iframe").all()) {
    await figure.scrollIntoViewIfNeeded();
    await figure.contentFrame().locator("main").waitFor();
  }
  await page.evaluate("scrollTo(0, 0)");
}
