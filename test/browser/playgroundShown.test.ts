import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import { button, playground, shown, until } from "./playgroundPage.ts";

// What the playground's drawings, formulas and tables show: that all of it is there, is right, and is not cut.

const { onPage } = playground("playground");

/** A number as the page writes it. */
const read = (text: string): number => Number(text.replaceAll("−", "-").replaceAll(/[()]/g, ""));
/** Numbers are rounded where they are shown. */
const near = (a: number, b: number): void => expect(Math.abs(a - b)).toBeLessThan(0.006 + 0.02 * Math.abs(b));

test.each([
  ["en", "Next"],
  ["zh", "下一步"],
])("the first residual is born with its numbers: %s", async (language, next) => {
  await onPage(`#walk=12&lang=${language}`, async (page) => {
    const text = (): Promise<string | null> => page.locator(".walk .formulas").last().textContent();
    const [, z, p] = /p = σ\(z\) = σ\((.*?)\) = ([\d.]+)L = −log/.exec((await text())!)!.map(read);
    near(p!, 1 / (1 + Math.exp(-z!)));
    await button(page, next).click();
    await expect.poll(text).toMatch(/^p = σ\(.*\) = [\d.]+δ = ∂L\/∂z = p − y = [\d.]+ − 0 = [\d.]+$/);
    const [, again, y, delta] = /p − y = (.*) − (.*) = (.*)$/.exec((await text())!)!.map(read);
    expect([again, y]).toEqual([p, 0]);
    near(delta!, p! - y!);
  });
});

test("loss and target are nodes of the drawing, which the walk comes to", async () => {
  await onPage("#layers=2", async (page) => {
    const [loss, target] = [page.locator('svg [data-at="3-0"]'), page.locator('svg [data-at="3-1"]')];
    await expect.poll(() => loss.getAttribute("aria-label")).toMatch(/^loss \d/);
    expect(await target.getAttribute("aria-label")).toBe("target 0");
    await loss.locator(".body").click();
    const [, L] = (await loss.getAttribute("aria-label"))!.split(" ");
    await page.getByText(new RegExp(`^L = −log\\(1 − p\\) = .* = ${L}$`)).waitFor();
    await target.locator(".body").click();
    await page.getByText("y = 0", { exact: true }).waitFor();
    await button(page, "Begin").click();
    await expect.poll(() => loss.getAttribute("aria-label")).toBe("loss ");
    for (let i = 0; i < 4; i++) await button(page, "Next").click();
    await expect.poll(() => loss.getAttribute("class")).toContain("current");
    expect(await loss.getAttribute("aria-label")).toBe(`loss ${L}`);
  });
});

test("the network is given what is chosen of the point, and says how it comes about", async () => {
  await onPage("#features=x1-x1x1-sinx2&layers=2&walk=0", async (page) => {
    const inputs = page.getByRole("group", { name: "Input features" });
    await expect.poll(() => page.locator("svg .neuron.input").count()).toBe(3);
    const [, x1, x2] = /The point \((.*), (.*)\) goes in/.exec((await page.locator(".walk").textContent())!)!.map(read);
    const worked = await page.locator(".walk .formulas p").allTextContents();
    const values = worked.map((line) => read(line.split(" = ").at(-1)!));
    expect(worked.map((line) => line.split(" = ")[0])).toEqual(["x₁", "x₁²", "sin πx₂"]);
    for (const [i, value] of [x1!, x1! ** 2, Math.sin(Math.PI * x2!)].entries()) {
      expect(Math.abs(values[i]! - value)).toBeLessThan(0.03);
    }
    await button(page, "Next").click();
    expect((await page.locator(".walk .formulas").textContent())!.split("·").length).toBe(5); // of each input, and of Σ w·a
    await inputs.getByLabel("x₁x₂").check();
    await expect.poll(() => page.locator("svg .neuron.input").count()).toBe(4);
    await expect.poll(() => new URL(page.url()).hash).toBe("#features=x1-x1x1-x1x2-sinx2&layers=2&walk=1");
    for (const name of ["x₁x₂", "x₁²", "sin πx₂"]) await inputs.getByLabel(name, { exact: true }).uncheck();
    expect(await inputs.getByLabel("x₁", { exact: true }).isDisabled()).toBe(true); // one stays
    await button(page, "One step").click();
    await until(page, "step", (step) => step === 1);
  });
});

/** Texts of a drawing that reach over its edge, or over that of the box which they stand in. */
const cutTexts = `(texts, box) => Array.from(document.querySelectorAll(texts), (text) => {
  const frame = (box === "" ? text.closest("svg") : text.parentElement.querySelector(box)).getBoundingClientRect();
  const { left, right, top, bottom } = text.getBoundingClientRect();
  return left < frame.left - 0.5 || right > frame.right + 0.5 || top < frame.top - 0.5 || bottom > frame.bottom + 0.5 ? text.textContent : "";
}).filter((text) => text !== "")`;
const cutIn = (page: Page, texts: string, box = ""): Promise<string[]> =>
  page.evaluate<string[]>(`(${cutTexts})(${JSON.stringify(texts)}, ${JSON.stringify(box)})`);

describe.each(["en", "zh"])("%s", (language) => {
  test("names of neurons, inputs and nodes are not cut", async () => {
    for (const state of [
      "features=x1-x2-x1x1-x2x2-x1x2-sinx1-sinx2&layers=16-16-16-16&graph=0",
      "layers=0&loss=hinge&graph=0",
      "data=regression&activation=leakyRelu&layers=2&step=3&graph=0",
    ]) {
      await onPage(`#${state}&lang=${language}`, async (page) => {
        await page.locator("svg .node").first().waitFor();
        expect(await cutIn(page, ".network svg text")).toEqual([]);
        expect(await cutIn(page, ".network text.inside", ".body")).toEqual([]);
        expect(await cutIn(page, ".graph .node text", "rect")).toEqual([]);
      });
    }
  });
});

test("the axis of a run that diverged is not cut", async () => {
  await onPage("", async (page) => {
    // Notes how far to the left of its canvas each text begins.
    await page.addInitScript(`{
      window.written = [];
      const { fillText } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
        const at = this.getTransform().transformPoint(new DOMPoint(x, y)).x;
        written.push([text, at - this.measureText(text).actualBoundingBoxLeft]);
        return fillText.apply(this, arguments);
      };
    }`);
    await page.goto("about:blank");
    await page.goto(page.url());
    await page.goBack();
    await page.evaluate("location.hash = '#data=regression&activation=linear&layers=16-16-16-16&lr=3&speed=2'");
    await page.locator("#step", { hasText: /^0$/ }).waitFor();
    await button(page, "Run").click();
    await page.getByRole("alert").waitFor();
    await page.waitForTimeout(300); // curves are drawn ten times a second
    const written = await page.evaluate<[string, number][]>("written");
    const marks = written.filter(([text]) => /e/.test(text));
    expect(marks.length).toBeGreaterThan(2); // losses of more than 1e5
    expect(written.filter(([, left]) => left < 0)).toEqual([]);
  });
});

test("activation and regularization change while it trains", async () => {
  await onPage("#speed=60", async (page) => {
    await button(page, "Run").click();
    for (const [label, value, hash] of [
      ["Activation", "ReLU", "activation=relu"],
      ["L2 regularization", "0.03", "l2=0.03"],
    ] as const) {
      await until(page, "step", (step) => step > 20);
      const before = await shown(page, "step");
      await page.locator(".live").getByLabel(label).selectOption(value);
      await until(page, "step", (step) => step > before + 20);
      await button(page, "Pause").click();
      await expect.poll(() => new URL(page.url()).hash).toMatch(new RegExp(`${hash}.*&from=\\d+&step=\\d+`));
      await button(page, "Run").click();
    }
    // The update has the share of each weight.
    await button(page, "Pause").click();
    await button(page, "Begin").click();
    for (;;) {
      if (await button(page, "Next").isDisabled()) break;
      await button(page, "Next").click();
    }
    expect(await page.locator("table.update td").nth(2).textContent()).toMatch(/ − 0.3 · \(.* \+ 0.03 · .*\) = /);
  });
});

test("the update has a row for every weight, and for the bias", async () => {
  await onPage("#layers=12-3&walk=9999", async (page) => {
    for (const [at, weights] of [
      ["1-4", 2],
      ["2-1", 12],
      ["3-0", 3],
    ] as const) {
      await page.locator(`svg [data-at="${at}"] .body`).click();
      await expect.poll(() => page.locator("table.update tbody tr").count()).toBe(weights + 1);
      const rows = await page
        .locator("table.update tbody tr")
        .evaluateAll((all) => all.map((row) => Array.from(row.children, (cell) => cell.textContent!)));
      expect(rows.at(-1)![0]).toBe("b");
      for (const [, old, gradient, updated] of rows) {
        const [g, next] = [gradient, updated].map((cell) => read(cell!.split(" = ").at(-1)!));
        near(next!, read(old!) - 0.3 * g!);
        const [delta, a] = gradient!.split(" = ")[0]!.split(" · ").map(read);
        if (a !== undefined) near(g!, delta! * a);
      }
    }
  });
});

test("wide tables scroll with their first column held", async () => {
  await onPage(
    "#layers=16-4&walk=9999",
    async (page) => {
      await page.getByRole("heading", { name: "All numbers as a table" }).click();
      for (const table of ["table.update", ".numbers table"]) {
        const first = page.locator(`${table} tbody th`).first();
        await first.scrollIntoViewIfNeeded();
        const before = (await first.boundingBox())!.x;
        const far = await page.evaluate<number>(
          `{ const box = document.querySelector("${table}").parentElement; box.scrollLeft = 1000; box.scrollLeft }`,
        );
        expect(far, table).toBeGreaterThan(20);
        expect((await first.boundingBox())!.x, table).toBeCloseTo(before, 0);
      }
    },
    { viewport: { width: 390, height: 844 } },
  );
});

test("on a phone the network can be read: it scrolls, to where the walk is", async () => {
  await onPage(
    "#layers=6-6-6-6&walk=0",
    async (page) => {
      const size = "document.querySelector('.network text.inside').getBoundingClientRect().height";
      expect(await page.evaluate<number>(size)).toBeGreaterThan(9);
      const output = page.locator('svg [data-at="5-0"] .body');
      const isSeen = async (): Promise<boolean> => {
        const { x, width } = (await output.boundingBox())!;
        return x >= 0 && x + width <= 390;
      };
      expect(await isSeen()).toBe(false);
      await page.getByLabel("Stop at").selectOption("each layer");
      for (let i = 0; i < 5; i++) await button(page, "Next").click();
      await expect.poll(isSeen).toBe(true);
      expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
    },
    { viewport: { width: 390, height: 844 } },
  );
});
