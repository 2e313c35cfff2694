import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { landingWith, pageWith } from "../../bench/report/page.ts";
import type { Results } from "../../bench/results.ts";
import { performanceFigure } from "../../docs/figures/performance.ts";
import { root } from "./extract.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");

// `npm run bench -- --render` writes both again from the same results.

test("the tables of the performance page are what npm run bench measured", () => {
  const text = read("docs/guide/performance.md");
  expect(pageWith(JSON.parse(read("bench/results.json")) as Results, text)).toBe(text);
});

test("the landing page says what npm run bench measured", () => {
  const text = read("docs/landing.md");
  expect(text).toMatch(/\| 784-128-10, batch 64 \| \d+ µs \| \d/);
  expect(landingWith(JSON.parse(read("bench/results.json")) as Results, text)).toBe(text);
});

test("its figure is drawn from what npm run bench measured", () => {
  const results = JSON.parse(read("bench/results.json")) as Results;
  expect(read("docs/guide/performance.svg")).toBe(performanceFigure(results));
});
