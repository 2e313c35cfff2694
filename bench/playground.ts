import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright";
import { launchOptions } from "../test/browser/chromium.ts";
import { serveFolder } from "../test/browser/staticSite.ts";
import { put } from "./report/page.ts";

// npm run speed:playground: how long 100,000 steps of the largest network take in the playground that `npm run docs` built, how much script the page runs for each frame
// meanwhile, and how long the network for images takes to read digits. It writes the figures into docs/guide/performance.md, and fails where one is more than is asked for.

const target = { seconds: 20, scriptPerFrame: 8, digits: 20 };
const steps = 100_000;
/** Percent of the digits that it has not seen, which the network for images is to read. */
const quality = 90;
/** Frames are looked at at each speed for so many milliseconds. */
const span = 5000;

const server = await serveFolder(fileURLToPath(new URL("../docs/site/", import.meta.url)));
const browser = await chromium.launch(launchOptions());

/** A playground that runs. */
async function running(address: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${server.origin}/${address}`);
  await page.locator("#step").waitFor();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  return page;
}

const largest = (speed: string): string => `playground/index.html#data=spiral&layers=16-16-16-16&speed=${speed}`;

const stepOf = async (page: Page): Promise<number> =>
  Number((await page.locator("#step").textContent())!.replaceAll(/\D/g, ""));

/** Milliseconds of script for each frame that changed something, and such frames in a second. */
async function framesOf(page: Page): Promise<readonly [script: number, perSecond: number]> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const scriptSoFar = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * metrics.find(({ name }) => name === "ScriptDuration")!.value;
  };
  await page.evaluate(
    "window.frames = 0; new MutationObserver(() => frames++).observe(document.querySelector('#step'), { characterData: true, childList: true, subtree: true })",
  );
  const before = await scriptSoFar();
  await page.waitForTimeout(span);
  const script = (await scriptSoFar()) - before;
  const frames = await page.evaluate<number>("frames");
  return [script / frames, (1000 * frames) / span];
}

let misses = 0;
const found: number[] = [];
const say = (what: string, value: number, most: number, unit: string): void => {
  if (!(value <= most)) misses++;
  found.push(value);
  console.log(`${what}: ${value.toFixed(1)} ${unit}, at most ${most} asked for`);
};

for (const speed of ["60", "all"]) {
  const page = await running(largest(speed));
  await page.waitForTimeout(1000); // until it is warm
  const [script, perSecond] = await framesOf(page);
  say(
    `script of a frame, speed ${speed} (${perSecond.toFixed(0)} frames a second)`,
    script,
    target.scriptPerFrame,
    "ms",
  );
  await page.close();
}

const start = performance.now();
const page = await running(largest("all"));
while ((await stepOf(page)) < steps && performance.now() - start < 5 * 1000 * target.seconds) {
  await page.waitForTimeout(100);
}
const done = await stepOf(page);
say(`${steps} steps of 16-16-16-16`, ((performance.now() - start) / 1000) * (steps / done), target.seconds, "s");

await page.close();

const digits = await running("digits/index.html#speed=all");
const since = performance.now();
const read = (): Promise<string | null> => digits.locator("#test-quality").textContent();
while (Number.parseFloat((await read())!) < quality && performance.now() - since < 5 * 1000 * target.digits) {
  await digits.waitForTimeout(50);
}
const digitSteps = await stepOf(digits);
say(
  `digits: ${quality} % of the test images, after ${digitSteps} steps`,
  (performance.now() - since) / 1000,
  target.digits,
  "s",
);

await browser.close();
await server.close();

const [paced, allOut, whole, learned] = found.map((value) => value.toFixed(1));
const [cpu] = cpus();
const text =
  `\`npm run speed:playground\` measured this in Chromium on ${new Date().toISOString().slice(0, 10)} (${cpu!.model}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}): ` +
  `${steps.toLocaleString("en")} steps of the largest network of the playground (16-16-16-16) take ${whole} s. While it trains, the page runs ${paced} ms of script for each frame at 60 steps a second, and ${allOut} ms as fast as possible. ` +
  `The network of the [digits](digits:) reads ${quality} % of the test images ${learned} s after you press *Run*, in ${digitSteps} steps.`;
const guide = new URL("../docs/guide/performance.md", import.meta.url);
writeFileSync(guide, put(readFileSync(guide, "utf8"), "playground", text));
process.exitCode = misses > 0 ? 1 : 0;
