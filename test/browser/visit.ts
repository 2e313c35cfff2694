import { type Browser, chromium } from "playwright";
import { afterAll, beforeAll } from "vitest";
import { launchOptions } from "./chromium.ts";
import { type Headers, type Site, serve } from "./server.ts";
import { type Seen, watched } from "./watched.ts";

/** What came of opening a page. */
export interface Visit<T> extends Seen {
  /** What the page's script showed. */
  readonly shown: T;
}

/** Opens a page of a site, and waits for what its script shows. */
function look<T>(browser: Browser, { origin }: Site, path: string): Promise<Visit<T>> {
  return watched(browser, origin, async (page, seen) => {
    await page.goto(`${origin}${path}`);
    const output = page.locator("output[data-state]");
    await output.waitFor({ state: "attached" }).catch((error: unknown) => {
      throw new Error(`the page ${path} showed nothing\n${seen.complaints.join("\n")}`, { cause: error });
    });
    const text = (await output.textContent()) ?? "";
    if ((await output.getAttribute("data-state")) === "failed") throw new Error(`in the page ${path}: ${text}`);
    return { shown: JSON.parse(text) as T, ...seen };
  });
}

/** Starts a Chromium for the tests of a file; returns a function that opens a page of a site. */
export function looker() {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch(launchOptions());
  });
  afterAll(() => browser.close());
  return <T>(site: Site, path: string): Promise<Visit<T>> => look<T>(browser, site, path);
}

/** The same; the function that it returns opens a page of `pages`, on a site with these headers. */
export function visitor() {
  const look = looker();
  return async <T>(name: string, headers: Headers = {}): Promise<Visit<T>> => {
    const site = await serve(headers);
    try {
      return await look<T>(site, `/pages/${name}.html`);
    } finally {
      await site.close();
    }
  };
}
