import { execFileSync } from "node:child_process";
import { type Browser, chromium } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchOptions } from "./chromium.ts";
import { block, openPage, root } from "./guidePages.ts";

// What guides show for places where no TypeScript runs: the blocks themselves, as they stand there.

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch(launchOptions());
});
afterAll(() => browser.close());

/** What a page shows that consists of these files. */
async function answerOf(files: Readonly<Record<string, string>>): Promise<string | null> {
  const { answer, context } = await openPage(browser, files);
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

test.each(["images.md", "zh-CN/images.md"])(
  "%s: a page that trains, shows its predictions, and lets you draw",
  async (guide) => {
    const { page, answer, context } = await openPage(browser, { "": block(guide, "html") });
    expect(Number(/(\d+) ?(?:of|张) ?/.exec(answer ?? "")?.[1])).toBeGreaterThan(70);
    const frames = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>("#tests")!;
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      const isGreen = (at: number): boolean => data[at]! < 50 && data[at + 1]! > 150;
      const isRed = (at: number): boolean => data[at]! > 150 && data[at + 1]! < 50;
      const corners = Array.from(
        { length: 90 },
        (_, i) => 4 * (Math.floor(i / 15) * 14 * canvas.width + (i % 15) * 14),
      );
      return [corners.filter(isGreen).length, corners.filter(isRed).length];
    });
    expect(frames[0]! + frames[1]!).toBe(90);
    expect(frames[0]!).toBeGreaterThan(70);
    const box = (await page.locator("#drawing").boundingBox())!;
    await page.mouse.move(box.x + box.width / 4, box.y + box.height / 4);
    await page.mouse.down();
    await page.mouse.move(box.x + (3 * box.width) / 4, box.y + (3 * box.height) / 4, { steps: 8 });
    await page.mouse.up();
    expect(await page.locator("#guess").textContent()).toMatch(/\d+ %.*\d+ %.*\d+ %/);
    await page.locator("#clear").click();
    expect(await page.locator("#guess").textContent()).not.toContain("%");
    await context.close();
  },
);
