import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright";
import * as library from "tinygrad-ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { samples } from "../../docs/typedoc/ops/samples.ts";
import { accessibilityFaults } from "./axe.ts";
import { launchOptions } from "./chromium.ts";
import type { Site } from "./server.ts";
import { serveFolder } from "./staticSite.ts";
import { type Seen, watched } from "./watched.ts";

// The site as `npm run docs` builds it: its files, and some of its pages in a browser.

const site = fileURLToPath(new URL("../../docs/site/", import.meta.url));
if (!existsSync(`${site}index.html`)) throw new Error("there is no site yet: npm run docs builds it");

/** Every page, by its path, and the names that a link may lead to within it. */
const pages = new Map(
  readdirSync(site, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".html"))
    .map((path) => [path.replaceAll("\\", "/"), readFileSync(join(site, path), "utf8")] as const),
);
const anchors = (html: string): Set<string> => new Set(Array.from(html.matchAll(/\sid="([^"]+)"/g), ([, id]) => id!));

describe("the files", () => {
  test("there is a page for each export, guide and source", () => {
    expect([...pages.keys()]).toEqual(
      expect.arrayContaining([
        "index.html",
        "playground/index.html",
        "digits/index.html",
        "documents/bug-museum.html",
        "documents/zh-CN_forward-pass-and-residuals.html",
        "functions/tinygrad-ts.relu.html",
        "classes/tinygrad-ts.Tensor.html",
        "functions/tinygrad-ts_gradcheck.checkGradient.html",
        "source/src/ops/relu.ts.html",
      ]),
    );
    expect(pages.size).toBeGreaterThan(800);
  });

  test("no link is dead", () => {
    const ids = new Map<string, Set<string>>();
    const dead: string[] = [];
    let count = 0;
    for (const [path, html] of pages) {
      for (const [, raw] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
        const link = raw!.replaceAll("&amp;", "&");
        if (/^(https?|data|mailto):/.test(link)) continue;
        count++;
        const [address = "", hash = ""] = link.split("#");
        const file = address.split("?")[0]!;
        const target = relative(
          site,
          join(site, dirname(path), file === "" ? path.split("/").at(-1)! : decodeURI(file)),
        );
        const page = pages.get(target.replaceAll("\\", "/"));
        if (page === undefined && !existsSync(join(site, target))) dead.push(`${path}: ${link}`);
        // The playgrounds' state and TypeDoc's icons are no anchors of a page.
        if (page === undefined || hash === "" || /^(playground|digits|figures)\//.test(target)) continue;
        if (!ids.has(target)) ids.set(target, anchors(page));
        if (!ids.get(target)!.has(decodeURIComponent(hash))) dead.push(`${path}: ${link}`);
      }
    }
    expect(dead.slice(0, 20)).toEqual([]);
    expect(count).toBeGreaterThan(10_000);
  });

  test("each op's page says its derivative rule, its dtypes and whether it compiles", () => {
    expect(Object.keys(samples).length).toBeGreaterThan(90);
    for (const [name, { kind }] of Object.entries(samples)) {
      expect(library, name).toHaveProperty(name);
      const page = pages.get(`functions/tinygrad-ts.${name}.html`)!;
      expect(page, name).toContain("Derivative Rule");
      expect(page, name).toMatch(/Compiles<\/?.*?(Yes|No)/s);
      if (kind !== "other") expect(page, name).toContain("Special Points");
    }
    const relu = pages.get("functions/tinygrad-ts.relu.html")!;
    expect(relu).toContain("∂relu(x)/∂x = 1 where x &gt; 0, else 0");
    expect(relu).toMatch(/<td>NaN<\/td>\s*<td>NaN<\/td>/);
    expect(pages.get("functions/tinygrad-ts.maximum.html")).toMatch(
      /<td>2<\/td>\s*<td>2<\/td>\s*<td>2<\/td>\s*<td>0.5<\/td>\s*<td>0.5<\/td>/,
    );
  });

  test("formulas are typeset, in MathML", () => {
    const page = pages.get("documents/forward-pass-and-residuals.html")!;
    expect(page.match(/<math/g)!.length).toBeGreaterThan(30);
    // The source of a formula stands beside it as an annotation, and nowhere else.
    expect(page.replaceAll(/<annotation .*?<\/annotation>/gs, "")).not.toContain("\\frac{");
    // Space after the name of a function, and none after a sign.
    expect(page).toMatch(/<mi>tanh<\/mi><mo>\u2061<\/mo><mspace[^>]*><\/mspace><mi>z<\/mi>/);
    expect(page).toMatch(/<mi>b<\/mi><mo>=<\/mo><mo form="prefix">−<\/mo><mn>0.2<\/mn>/);
  });

  test("each guide leads to the one before and to the next, in its language", () => {
    const next = (path: string): string | undefined => /<a rel="next" href="([^"]*)"/.exec(pages.get(path)!)?.[1];
    for (const language of ["", "zh-CN_"]) {
      const seen: string[] = [];
      let at: string | undefined = `${language}getting-started.html`;
      for (; at !== undefined; at = next(`documents/${at}`)) seen.push(at);
      const isInLanguage = language === "" ? /^documents\/(?!.*zh-CN)/ : /^documents\/zh-CN_/;
      expect(seen.length).toBe([...pages.keys()].filter((page) => isInLanguage.test(page)).length);
      expect(new Set(seen).size).toBe(seen.length);
    }
    expect(next("documents/zh-CN_getting-started.html")).toBe("zh-CN_forward-pass-and-residuals.html");
  });

  test("the landing page leads to everything at once", () => {
    const page = pages.get("index.html")!;
    for (const target of [
      "documents/forward-pass-and-residuals.html",
      "documents/getting-started.html",
      "documents/check-a-gradient.html",
      "documents/README.zh-CN.html",
      "playground/index.html#",
      "digits/index.html#",
    ]) {
      expect(page).toContain(`href="${target}`);
    }
    expect(page).toMatch(/<iframe src="playground\/index.html#embed=1"/);
  });

  test("each page has a description of its own and a picture, for previews of links to it", () => {
    for (const [path, description] of [
      ["index.html", "Automatic differentiation and neural networks in TypeScript"],
      [
        "documents/forward-pass-and-residuals.html",
        "In a neural network, how do the forward pass and the residuals work together",
      ],
      ["documents/zh-CN_forward-pass-and-residuals.html", "残差"],
      ["functions/tinygrad-ts.relu.html", "Rectified linear unit"],
      ["playground/index.html", "Watch a multilayer perceptron learn"],
      ["digits/index.html", "Draw a digit"],
    ] as const) {
      const page = pages.get(path)!;
      const [, said] = /<meta name="description" content="([^"]*)"/.exec(page)!;
      expect(said, path).toContain(description);
      const [, image] = /<meta property="og:image" content="([^"]*)"/.exec(page)!;
      expect(existsSync(join(site, dirname(path), image!)), path).toBe(true);
    }
  });

  test("the lesson's figure stands in the page, and can be read without scripts", () => {
    for (const language of ["", "zh-CN_"]) {
      const page = pages.get(`documents/${language}forward-pass-and-residuals.html`)!;
      expect(page).toMatch(/<div class="figure" tabindex="0"><svg.*δ₂ = ∂L\/∂z₂.*−0.6747.*<\/svg>/s);
      expect(page).toMatch(/<iframe src="..\/playground\/index.html#preset=lesson&amp;walk=0/);
    }
  });

  test("each live figure has a still of its own, in its language", () => {
    const said = {
      "show=neuron": "δ = ∂L/∂z = 0.5232 · 0.4200 = 0.2197",
      "show=order": "b → a: 1 ⚠",
      "show=mistake": "p − 1 = 0.0003 − 1 = −0.9997",
      "show=chain": "<td>0.0006</td>",
      "show=path": "1 + 0.3932 = 1.3932",
      "preset=lesson": 'aria-label="output, activation 0.6626, residual −0.6747"',
      "embed=1": 'aria-label="hidden layer 1, neuron 6, activation',
    };
    const seen = new Set<string>();
    for (const [path, html] of pages) {
      const isChinese = path.includes("zh-CN");
      for (const [, source, still] of html.matchAll(/<iframe src="([^"]*)".*?<div class="still">(.*?)<figcaption>/gs)) {
        const [key, text] = Object.entries(said).find(([key]) => new RegExp(`[#;]${key}`).test(source!))!;
        expect(still, path).toContain(
          isChinese ? text.replace(/output, activation (.*), residual/, "输出, 激活值 $1, 残差") : text,
        );
        expect(still, path).toMatch(/<svg|<table/);
        expect(still, path).not.toMatch(/<(button|input|select|canvas)|tabindex/);
        expect(/\p{Script=Han}/u.test(still!), path).toBe(isChinese);
        seen.add(`${key} ${isChinese}`);
      }
      expect(html.match(/<div class="still">/g)?.length, path).toBe(html.match(/<figure class="live/g)?.length);
    }
    expect(seen.size).toBe(2 * Object.keys(said).length - 1); // the landing page is in English alone
  });

  test("pages in Chinese say so", () => {
    for (const [path, html] of pages) {
      const isChinese = path.startsWith("documents/") && path.includes("zh-CN");
      expect(/<html[^>]* lang="zh-CN"/.test(html), path).toBe(isChinese);
      if (!isChinese) continue;
      expect(html, path).toMatch(/<h3[^>]*>本页目录<\/h3>/);
      const links = html.match(/href="[^"]*(playground|digits)\/index\.html[^"]*"/g)!;
      expect(links.filter((link) => !/[#;&]lang=zh/.test(link))).toEqual([]);
    }
  });
});

describe.concurrent("in a browser", () => {
  let browser: Browser;
  let server: Site;
  beforeAll(async () => {
    browser = await chromium.launch(launchOptions());
    server = await serveFolder(site);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** Opens a page, does something there, and looks whether it complained or asked for anything elsewhere. */
  async function onPage(
    address: string,
    act: (page: Page) => Promise<void>,
    options: BrowserContextOptions = {},
  ): Promise<void> {
    const origin = address.startsWith("file:") ? "null" : server.origin;
    const look = async (page: Page, { complaints, elsewhere }: Seen): Promise<void> => {
      await page.goto(address, { waitUntil: "load" });
      await act(page);
      // From disk, TypeDoc tries its file of icons first, is refused, and takes them from a script.
      const isKnown = (text: string): boolean => origin === "null" && text.includes("assets/icons.svg");
      expect([complaints.filter((text) => !isKnown(text)), elsewhere]).toEqual([[], []]);
    };
    await watched(browser, origin, look, options);
  }

  const shown = [
    "index.html",
    "modules/tinygrad-ts.html",
    "classes/tinygrad-ts.Tensor.html",
    "interfaces/tinygrad-ts.Op.html",
    "functions/tinygrad-ts.maximum.html",
    "source/src/ops/relu.ts.html",
  ];
  const phone = { width: 320, height: 700 };
  const desktop = { width: 1280, height: 800 };
  // The menu, which is half of a page, is the same on each: axe looks at it on the first.
  const menu = [".site-menu"];

  /** Where an element is wider than a phone, outside what scrolls by itself: the innermost. */
  const sideways = `document.documentElement.scrollWidth <= 320 ? [] : Array.from(document.querySelectorAll("main *, .col-content *"))
    .filter((e) => e.getBoundingClientRect().right > 320 && !e.closest(".table, pre, .katex-block, .figure"))
    .slice(-1).map((e) => e.outerHTML.slice(0, 200))`;
  /** Formulas that are wider than the text. */
  const cut = `Array.from(document.querySelectorAll(".katex-block"))
    .filter((e) => e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1)
    .map((e) => e.textContent.slice(0, 100))`;

  const guides = [...pages.keys()].filter((path) => path.startsWith("documents/"));
  // Colours are the same on all pages of a kind.
  const dark = [
    "index.html",
    "classes/tinygrad-ts.Tensor.html",
    "documents/identity-paths.html",
    "source/src/ops/relu.ts.html",
  ];
  test.each([
    ...[...shown, ...guides].map((path) => [path, "light"] as const),
    ...dark.map((path) => [path, "dark"] as const),
  ])(
    "%s, in %s: nothing is wider than a phone, no formula than a desktop, and axe finds no fault",
    async (path, colorScheme) => {
      const look = async (page: Page): Promise<void> => {
        await page.evaluate(
          "for (const answer of document.querySelectorAll('main details, [role=main] details')) answer.open = true",
        );
        expect(await page.evaluate<string[]>(sideways)).toEqual([]);
        await page.setViewportSize(desktop);
        expect(await page.evaluate<string[]>(cut)).toEqual([]);
        expect(await accessibilityFaults(page, path === "index.html" ? [] : menu)).toEqual([]);
      };
      await onPage(`${server.origin}/${path}`, look, { colorScheme, viewport: phone });
    },
  );

  test("what the landing page leads to stands on its first screen", async () => {
    const look = async (page: Page): Promise<void> => {
      for (const target of ["forward-pass-and-residuals", "getting-started", "check-a-gradient"]) {
        const door = await page.locator(`.tsd-typography a[href*="${target}.html"]`).first().boundingBox();
        expect(door!.y, target).toBeLessThan(900);
      }
    };
    await onPage(`${server.origin}/index.html`, look, { viewport: { width: 1280, height: 900 } });
  });

  test.each([
    ["without scripts", { javaScriptEnabled: false }, null],
    ["on paper", {}, "print"],
  ] as const)("a live figure stands still %s, and all of it is there", async (_, options, media) => {
    const look = async (page: Page): Promise<void> => {
      for (const path of [
        "index.html",
        "documents/forward-pass-and-residuals.html",
        "documents/zh-CN_identity-paths.html",
      ]) {
        await page.goto(`${server.origin}/${path}`);
        await page.emulateMedia({ media });
        expect(await page.locator("figure.live iframe").first().isVisible(), path).toBe(false);
        for (const still of await page.locator(".still").all()) {
          const box = (await still.boundingBox())!;
          const drawing = (await still.locator("svg, table").first().boundingBox())!;
          expect(drawing.width, path).toBeGreaterThan(150);
          expect(drawing.x + drawing.width, path).toBeLessThanOrEqual(box.x + box.width);
        }
        expect(await page.locator(".still").count(), path).toBeGreaterThan(0);
      }
    };
    await watched(browser, server.origin, look, { ...options, viewport: { width: 700, height: 900 } });
  });

  test("where there are scripts, a live figure moves", async () => {
    await onPage(`${server.origin}/documents/identity-paths.html`, async (page) => {
      expect(await page.locator("figure.live iframe").isVisible()).toBe(true);
      expect(await page.locator(".still").isVisible()).toBe(false);
    });
  });

  test("a wide table scrolls with its first column held", async () => {
    await onPage(
      `${server.origin}/documents/performance.html`,
      async (page) => {
        const table = page.locator(".table").first();
        const first = table.locator("tbody td").first();
        const before = (await first.boundingBox())!.x;
        await table.evaluate((box) => {
          box.scrollLeft = 300;
        });
        expect(await table.evaluate((box) => box.scrollLeft)).toBe(300);
        expect(Math.abs((await first.boundingBox())!.x - before)).toBeLessThan(2);
      },
      { viewport: phone },
    );
  });

  test.each(["http", "file"])("the search finds an op and a guide, by %s", async (scheme) => {
    const origin = scheme === "http" ? `${server.origin}/` : pathToFileURL(site).href;
    await onPage(`${origin}index.html`, async (page) => {
      for (const [word, target] of [
        ["logSumExp", "functions/tinygrad-ts.logSumExp.html"],
        ["relu", "tinygrad-ts.relu.html"],
        ["museum", "documents/bug-museum.html"],
        ["residual", "documents/forward-pass-and-residuals.html"],
        ["forward pass", "documents/forward-pass-and-residuals.html"],
        ["vanishing gradient", "documents/forward-pass-and-residuals.html"],
        ["残差", "documents/zh-CN_forward-pass-and-residuals.html"],
        ["反向传播", "documents/zh-CN_forward-pass-and-residuals.html"],
        ["梯度消失", "documents/zh-CN_forward-pass-and-residuals.html"],
        ["恒等通路", "documents/zh-CN_identity-paths.html"],
        ["残差网络", "documents/zh-CN_identity-paths.html"],
        ["resnet", "documents/identity-paths.html"],
      ] as const) {
        await page.locator("#tsd-search-trigger").click();
        await page.locator("#tsd-search-input").fill(word);
        // Among the first: a guide before all symbols.
        const first = target.startsWith("documents") ? "> :first-child " : "";
        await page.locator(`#tsd-search-results ${first}a[href*="${target}" i]`).first().waitFor();
        await page.keyboard.press("Escape");
      }
    });
  });

  test("the header leads to the playgrounds, and that to the lesson, in either language", async () => {
    await onPage(`${server.origin}/functions/tinygrad-ts.relu.html`, async (page) => {
      for (const name of ["Digits", "Playground"]) {
        await page.locator("#tsd-toolbar-links").getByRole("link", { name }).click();
        await page.locator("#step").waitFor();
        if (name === "Digits") await page.goBack();
      }
      for (const [language, address] of [
        ["en", "documents/forward-pass-and-residuals.html"],
        ["zh", "documents/zh-CN_forward-pass-and-residuals.html"],
      ]) {
        await page.goto("about:blank");
        await page.goto(`${server.origin}/playground/index.html#lang=${language}`);
        await page.locator("nav a").nth(1).click();
        await page.waitForURL(`**/${address}`);
      }
    });
  });

  test("from the landing page, one click leads to a residual being computed", async () => {
    await onPage(`${server.origin}/index.html`, async (page) => {
      await page.getByRole("main").getByRole("link", { name: "where the first residual is computed" }).click();
      await page.locator(".formulas", { hasText: "= −0.6747" }).first().waitFor();
      await page.goBack();
      await page.getByRole("main").getByRole("link", { name: "Forward pass and residuals" }).click();
      const neuron = page.frameLocator('iframe[src*="show=neuron"]');
      await neuron.getByText("δ = ∂L/∂z = 0.5232 · 0.4200 = 0.2197").waitFor();
    });
  });

  test("a guide's link opens the playground in that state", async () => {
    await onPage(`${server.origin}/documents/forward-pass-and-residuals.html`, async (page) => {
      await page.getByRole("link", { name: "One step through a network with two hidden layers" }).click();
      await page.waitForURL("**/playground/index.html#*");
      await page.locator("#step").waitFor();
      expect(page.url()).toContain("layers=3-2");
    });
  });
});
