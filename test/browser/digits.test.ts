import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import { accessibilityFaults } from "./axe.ts";
import { button, playground, shown, until } from "./playgroundPage.ts";

// The playground for images as `npm run docs` builds it, in a browser, by its buttons and keys.

const { onPage, address, onSite, testFiles } = playground("digits");

const target = (page: Page, digit: number) => page.getByRole("radio", { name: `target ${digit}` });
/** The residuals of the output, as the table shows them. */
async function deltas(page: Page): Promise<number[]> {
  const cells = await page.locator(".answer td.residual").allTextContents();
  return cells.map((text) => Number(text.replaceAll("−", "-")));
}

test("learns to read digits while one watches", async () => {
  await onPage("#speed=all", async (page) => {
    expect(await shown(page, "test-quality")).toBeLessThan(40);
    await button(page, "One step").click();
    await until(page, "step", (step) => step === 1);
    await button(page, "Run").click();
    await until(page, "step", (step) => step > 200);
    await button(page, "Pause").click();
    await button(page, "Run").waitFor();
    expect(await shown(page, "test-quality")).toBeGreaterThan(70);
    await page.getByRole("img", { name: /^Loss of each batch, over \d+ steps/ }).waitFor();
    await button(page, "Start over").click();
    await until(page, "step", (step) => step === 0);
  });
});

test("reads a digit that is drawn with the mouse; without a target it has no residual", async () => {
  await onPage("#step=300", async (page) => {
    await until(page, "step", (step) => step === 300);
    const box = (await page.locator(".board").boundingBox())!;
    const to = (x: number, y: number): Promise<void> =>
      page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 12 });
    await to(0.25, 0.2);
    await page.mouse.down();
    await to(0.75, 0.2);
    await to(0.45, 0.85);
    await page.mouse.up();
    await page.getByText(/^It reads 7,/).waitFor();
    await page.getByText("Without a target there is no loss").waitFor();
    expect(await page.getByRole("radio", { checked: true }).count()).toBe(0);
    expect(await page.locator(".board rect").count()).toBe(0);

    await target(page, 4).check();
    await page.getByText("At the target 4, y is 1").waitFor();
    const all = await deltas(page);
    expect(all[4]).toBeLessThan(-0.5);
    expect(all[7]).toBeGreaterThan(0.5);
    expect(Math.abs(all.reduce((sum, delta) => sum + delta))).toBeLessThan(0.1); // as they are rounded
    expect(await page.locator(".board rect").count()).toBe(64);
    expect(await page.locator(".unit canvas.residual").count()).toBe(24);
    await expect.poll(() => new URL(page.url()).hash).toMatch(/^#step=300&draw=[\d-]+&target=4$/);
    const [read, hash] = [await page.locator(".reads").textContent(), new URL(page.url()).hash];

    // The link holds the drawing.
    await page.goto("about:blank");
    await page.goto(address(`digits/${hash}`));
    await until(page, "step", (step) => step === 300);
    expect(await page.locator(".reads").textContent()).toBe(read);
    expect(await target(page, 4).isChecked()).toBe(true);

    await button(page, "Clear").click();
    await expect.poll(() => new URL(page.url()).hash).toBe("#step=300&draw=");
  });
});

test("the keyboard draws, takes back, and chooses the target", async () => {
  await onPage("#step=300", async (page) => {
    await until(page, "step", (step) => step === 300);
    const board = page.getByRole("application", { name: "Drawing board: example 0, a handwritten 4" });
    await board.focus();
    const press = async (key: string, times = 1): Promise<void> => {
      for (let i = 0; i < times; i++) await page.keyboard.press(key);
    };
    await press("ArrowUp", 8);
    await press(" ");
    await page.getByRole("status").getByText("The pen is down.").waitFor();
    await press("ArrowDown", 16);
    await press(" ");
    await page.getByRole("application", { name: "a drawing of 1 stroke" }).waitFor();
    await page.getByText(/^It reads 1,/).waitFor();
    await press("Tab", 5); // clear, take back, example, next
    await page.keyboard.press(" ");
    await page.getByText("At the target").waitFor();
    await page.locator(".board").focus();
    await press("Backspace");
    await page.getByRole("application", { name: "Drawing board: empty" }).waitFor();
  });
});

test("a target can be another than the example's, and an example another", async () => {
  await onPage("#step=100&example=7", async (page) => {
    await until(page, "step", (step) => step === 100);
    const first = await page.getByRole("radio", { checked: true }).getAttribute("aria-label");
    expect((await deltas(page)).filter((delta) => delta < 0).length).toBe(1);
    await button(page, "Next example").click();
    await expect.poll(() => new URL(page.url()).hash).toBe("#step=100&example=8");
    await target(page, 0).check();
    await expect.poll(() => new URL(page.url()).hash).toBe("#step=100&example=8&target=0");
    await button(page, "Previous example").click();
    await expect.poll(() => new URL(page.url()).hash).toBe("#step=100&example=7");
    await expect.poll(() => page.getByRole("radio", { checked: true }).getAttribute("aria-label")).toBe(first);
  });
});

test("an address that makes no sense is refused by name, and a link within the page is followed", async () => {
  await onPage("#draw=7&step=3", async (page) => {
    expect(await page.locator(".notice").textContent()).toContain("(draw)");
    await until(page, "step", (step) => step === 3);
    await page.evaluate("location.hash = '#step=5&example=2'");
    await until(page, "step", (step) => step === 5);
    expect(await page.getByLabel("Example", { exact: true }).inputValue()).toBe("2");
    expect(await page.locator(".notice").count()).toBe(0);
  });
});

/** Each state that a guide links to. */
const linked: Record<string, (page: Page) => Promise<void>> = {
  "": async (page) => expect(await shown(page, "step")).toBe(0),
  "step=600": async (page) => {
    await until(page, "step", (step) => step === 600);
    expect(await shown(page, "test-quality")).toBeGreaterThan(80);
    await page.getByText(/^It reads 4,/).waitFor();
    await target(page, 9).check();
    await page.getByText("At the target 9, y is 1").waitFor();
  },
};

test("each state that a page links to is known here, and shows what it says", async () => {
  const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
  const links = [...readdirSync(`${docs}guide`, { recursive: true, encoding: "utf8" }), "../landing.md"]
    .filter((file) => file.endsWith(".md"))
    .flatMap((file) => [...readFileSync(`${docs}guide/${file}`, "utf8").matchAll(/\(digits:([^) ]*)\)/g)])
    .map(([, state]) => state!.replace(/&?lang=zh$/, ""));
  expect(new Set(links)).toEqual(new Set(Object.keys(linked)));
  for (const [state, act] of Object.entries(linked)) await onPage(`#${state}`, act);
});

test("both playgrounds lead to each other, in the language that is chosen", async () => {
  await onPage("", async (page) => {
    await page.getByRole("button", { name: "中文" }).click();
    expect(await page.locator("h1").textContent()).toBe("演练场：手写数字");
    await page.getByRole("link", { name: "演练场：平面上的点" }).click();
    await page.waitForURL("**/playground/index.html#lang=zh");
    await page.getByRole("link", { name: "手写数字" }).click();
    await page.waitForURL("**/digits/index.html#lang=zh");
    await page.getByText("残差在哪里产生").waitFor();
  });
});

describe.each(["light", "dark"] as const)("%s", (colorScheme) => {
  test.each([
    ["desktop", 1280],
    ["phone", 320],
  ])("on a %s nobody is kept out, and nothing is wider than the screen", async (_, width) => {
    await onPage(
      "#step=50&draw=251875184585&target=2",
      async (page) => {
        await until(page, "step", (step) => step === 50);
        expect(await accessibilityFaults(page)).toEqual([]);
        expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      },
      { colorScheme, viewport: { width, height: 800 } },
    );
  });
});

describe.each(["light", "dark"] as const)("the lesson's figures, %s", (colorScheme) => {
  test.each([
    ["neuron", "w", "δ = ∂L/∂z = 0.5232 · 0.4200 = 0.2197"],
    ["mistake", "score s", "δ = ∂L/∂s = p − 1 = 0.0003 − 1 = −0.9997"],
    ["chain", "weight w", "0.0006"],
    ["path", "w", "∂L/∂x = 1 + 0.3932 = 1.3932"],
    ["order", null, "The backward pass starts with c.grad = 1."],
  ])("%s says what its page says, and moves by keyboard", async (name, slider, said) => {
    const act = async (page: Page): Promise<void> => {
      const text = (): Promise<string | null> => page.locator("main").textContent();
      expect(await text()).toContain(said);
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(320);
      const moved = slider === null ? button(page, "Next") : page.getByRole("slider", { name: slider }).first();
      await moved.focus();
      await page.keyboard.press(slider === null ? "Enter" : "ArrowRight");
      await expect.poll(text).not.toContain(said);
    };
    await onSite(`figures/index.html#show=${name}`, act, { viewport: { width: 320, height: 600 }, colorScheme });
  });
});

testFiles(240_000); // 58 kB of them are the digits
