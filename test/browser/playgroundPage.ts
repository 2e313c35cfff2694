import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchOptions } from "./chromium.ts";
import type { Site } from "./server.ts";
import { serveFolder } from "./staticSite.ts";
import { type Seen, watched } from "./watched.ts";

// What the tests of the playgrounds share: both have a worker that trains, and the same buttons.

const site = fileURLToPath(new URL("../../docs/site/", import.meta.url));

export const button = (page: Page, name: string): Locator => page.getByRole("button", { name, exact: true });
/** A number on the page. */
export const shown = async (page: Page, id: string): Promise<number> =>
  Number.parseFloat((await page.locator(`#${id}`).textContent())!);
/** Waits until a number on the page is as it is wanted. */
export async function until(page: Page, id: string, isRight: (value: number) => boolean): Promise<void> {
  await expect.poll(async () => isRight(await shown(page, id)), { timeout: 50_000, interval: 50 }).toBe(true);
}

/** A playground as `npm run docs` builds it, in a browser that runs for the tests of a file. */
export function playground(name: string) {
  let browser: Browser;
  let server: Site;
  beforeAll(async () => {
    if (!existsSync(`${site}${name}/`)) throw new Error("there is no playground yet: npm run docs builds it");
    browser = await chromium.launch(launchOptions());
    server = await serveFolder(site);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  const open = (
    address: string,
    act: (page: Page, seen: Seen) => Promise<void>,
    options: BrowserContextOptions,
  ): Promise<void> =>
    watched(
      browser,
      address.startsWith("file:") ? "null" : server.origin,
      async (page, seen) => {
        await page.goto(address);
        await act(page, seen);
        expect([seen.complaints, seen.elsewhere]).toEqual([[], []]);
      },
      { viewport: { width: 1280, height: 900 }, locale: "en", ...options },
    );
  return {
    /** An address on the site. */
    address: (path: string): string => `${server.origin}/${path}`,
    /** Opens a page of the site, does something there, and looks whether it complained or asked for anything elsewhere. */
    onSite: (path: string, act: (page: Page) => Promise<void>, options: BrowserContextOptions = {}): Promise<void> =>
      open(`${server.origin}/${path}`, act, options),
    /** The same for the playground, once it shows a step. */
    onPage: (hash: string, act: (page: Page) => Promise<void>, options: BrowserContextOptions = {}): Promise<void> =>
      open(
        `${server.origin}/${name}/${hash}`,
        async (page) => {
          await page.locator("#step").waitFor();
          await act(page);
        },
        options,
      ),
    /** Two tests: that it opens from disk, and that all of it is less than so many bytes, gzipped. */
    testFiles(most: number): void {
      test("it opens from disk", async () => {
        const act = async (page: Page, { remarks }: Seen): Promise<void> => {
          await button(page, "One step").click();
          await until(page, "step", (step) => step === 1);
          expect(remarks).toEqual([]);
        };
        await open(pathToFileURL(`${site}${name}/index.html`).href, act, {});
      });

      test(`all of it is less than ${most / 1000} kB, gzipped`, () => {
        const files = readdirSync(`${site}${name}`).map((file) => readFileSync(`${site}${name}/${file}`));
        expect(files.reduce((sum, file) => sum + gzipSync(file).length, 0)).toBeLessThan(most);
      });
    },
  };
}
