import { type Browser, chromium } from "playwright";
import { afterAll, beforeAll } from "vitest";
import { launchOptions } from "./chromium.ts";
import { type Headers, serve } from "./server.ts";

/** What came of opening a page. */
export interface Visit<T> {
  /** What the page's script showed. */
  readonly shown: T;
  /** Warnings and errors of the page's console, and errors that nobody caught. */
  readonly complaints: readonly string[];
  /** Addresses asked for that are not on the page's own site. */
  readonly elsewhere: readonly string[];
}

async function visit<T>(browser: Browser, name: string, headers: Headers): Promise<Visit<T>> {
  const site = await serve(headers);
  const context = await browser.newContext();
  try {
    const [complaints, elsewhere]: [string[], string[]] = [[], []];
    const page = await context.newPage();
    page.on("console", (message) => {
      if (["warning", "error"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    context.on("request", (request) => {
      if (new URL(request.url()).origin !== site.origin) elsewhere.push(request.url());
    });
    await page.goto(`${site.origin}/pages/${name}.html`);
    const output = page.locator("output[data-state]");
    await output.waitFor({ state: "attached" }).catch((error: unknown) => {
      throw new Error(`the page ${name} showed nothing\n${complaints.join("\n")}`, { cause: error });
    });
    const text = (await output.textContent()) ?? "";
    if ((await output.getAttribute("data-state")) === "failed") throw new Error(`in the page ${name}: ${text}`);
    return { shown: JSON.parse(text) as T, complaints, elsewhere };
  } finally {
    await context.close();
    await site.close();
  }
}

/** Starts a Chromium for the tests of a file; returns a function that opens a page of a site with these headers in it. */
export function visitor() {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch(launchOptions());
  });
  afterAll(() => browser.close());
  return <T>(name: string, headers: Headers = {}): Promise<Visit<T>> => visit<T>(browser, name, headers);
}
