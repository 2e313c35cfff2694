import { type Browser, chromium } from "playwright";
import { afterAll, beforeAll } from "vitest";
import { launchOptions } from "./chromium.ts";
import { type Headers, type Site, serve } from "./server.ts";

/** What came of opening a page. */
export interface Visit<T> {
  /** What the page's script showed. */
  readonly shown: T;
  /** Warnings and errors of the page's console, and errors that nobody caught. */
  readonly complaints: readonly string[];
  /** Addresses asked for that are not on the page's own site. */
  readonly elsewhere: readonly string[];
}

/** Opens a page of a site, and waits for what its script shows. */
async function look<T>(browser: Browser, { origin }: Site, path: string): Promise<Visit<T>> {
  const context = await browser.newContext();
  try {
    const [complaints, elsewhere]: [string[], string[]] = [[], []];
    const page = await context.newPage();
    page.on("console", (message) => {
      if (["warning", "error"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    context.on("request", (request) => {
      if (new URL(request.url()).origin !== origin) elsewhere.push(request.url());
    });
    await page.goto(`${origin}${path}`);
    const output = page.locator("output[data-state]");
    await output.waitFor({ state: "attached" }).catch((error: unknown) => {
      throw new Error(`the page ${path} showed nothing\n${complaints.join("\n")}`, { cause: error });
    });
    const text = (await output.textContent()) ?? "";
    if ((await output.getAttribute("data-state")) === "failed") throw new Error(`in the page ${path}: ${text}`);
    return { shown: JSON.parse(text) as T, complaints, elsewhere };
  } finally {
    await context.close();
  }
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
