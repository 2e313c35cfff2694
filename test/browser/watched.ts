import type { Browser, BrowserContextOptions, Page } from "playwright";

/** What a page has said and asked for so far. */
export interface Seen {
  /** Warnings and errors of its console, and errors that nobody caught. */
  readonly complaints: readonly string[];
  /** All else that its console says. */
  readonly remarks: readonly string[];
  /** Addresses asked for that are not on its own site. */
  readonly elsewhere: readonly string[];
}

/**
 * Opens an empty page in a fresh context, has something done there, and notes what the page says and asks for meanwhile.
 *
 * @param origin - the page's own site; "null", as browsers write it, for a page from disk.
 */
export async function watched<T>(
  browser: Browser,
  origin: string,
  act: (page: Page, seen: Seen) => Promise<T>,
  options: BrowserContextOptions = {},
): Promise<T> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(120_000); // a busy machine may be ten times slower
  try {
    const page = await context.newPage();
    const [complaints, remarks, elsewhere]: [string[], string[], string[]] = [[], [], []];
    page.on("console", (message) => {
      (["warning", "error"].includes(message.type()) ? complaints : remarks).push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (url.origin !== origin && !["blob:", "data:"].includes(url.protocol)) elsewhere.push(url.href);
    });
    return await act(page, { complaints, remarks, elsewhere });
  } finally {
    await context.close();
  }
}
