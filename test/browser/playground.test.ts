import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import { accessibilityFaults } from "./axe.ts";
import { button, playground, shown, until } from "./playgroundPage.ts";

// The playground as `npm run docs` builds it, in a browser, by its buttons and keys.

const { onPage, testFiles } = playground("playground");

test("runs, pauses, and steps", async () => {
  await onPage("", async (page) => {
    await button(page, "One step").click();
    await until(page, "step", (step) => step === 1);
    await button(page, "One step").click();
    await until(page, "step", (step) => step === 2);
    await button(page, "Run").click();
    await until(page, "step", (step) => step > 20);
    await button(page, "Pause").click();
    await button(page, "Run").waitFor();
    const paused = await shown(page, "step");
    await page.waitForTimeout(300);
    expect(await shown(page, "step")).toBe(paused);
    await button(page, "One step").click();
    await until(page, "step", (step) => step === paused + 1);
    await button(page, "Start over").click();
    await until(page, "step", (step) => step === 0);
  });
});

test("a speed is chosen while it runs, and stays in the address", async () => {
  // Of the largest network, so that it has not done all its steps before a busy machine has clicked.
  await onPage("#layers=16-16-16-16&batch=200&speed=2", async (page) => {
    await button(page, "Run").click();
    await page.getByLabel("Speed").selectOption("as fast as possible");
    await until(page, "step", (step) => step > 100);
    await button(page, "Pause").click();
    await expect.poll(() => new URL(page.url()).hash).toMatch(/&speed=all$/);
  });
});

test("what is typed while a training runs is not lost to its frames", async () => {
  await onPage("", async (page) => {
    await button(page, "Run").click();
    const field = page.getByLabel("Point", { exact: true });
    await field.selectText();
    await field.pressSequentially("123", { delay: 150 }); // several frames between two digits
    await field.press("Enter");
    await button(page, "Pause").click();
    await expect.poll(() => new URL(page.url()).hash).toMatch(/&point=123$/);
    await field.fill("9999"); // there is no such point
    await field.press("Enter");
    await expect.poll(() => field.inputValue()).toBe("123");
  });
});

test("a shared address restores the training, to the last number", async () => {
  let address = "";
  const state = async (page: Page): Promise<unknown> => ({
    numbers: await page.locator("dl.status").textContent(),
    network: await page
      .locator("svg g.neuron")
      .evaluateAll((nodes) => nodes.map((node) => node.getAttribute("aria-label"))),
    settings: await page
      .locator("select, input")
      .evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value)),
  });
  let seen: unknown;
  await onPage("", async (page) => {
    await page.getByLabel("Data set").selectOption("circles");
    await page.getByLabel("Optimizer").selectOption("Adam");
    await page.getByLabel("Learning rate").selectOption("0.03");
    await button(page, "Add a layer").click();
    await page.getByLabel("Neurons in layer 3").fill("3");
    await page.getByLabel("Neurons in layer 3").press("Enter");
    await page.getByLabel("Point", { exact: true }).fill("42");
    await page.getByLabel("Point", { exact: true }).press("Enter");
    await button(page, "Run").click();
    await until(page, "step", (step) => step > 30);
    await button(page, "Pause").click();
    await button(page, "Run").waitFor();
    const hash = () => new URL(page.url()).hash;
    await expect.poll(hash).toMatch(/^#data=circles&layers=6-4-3&optimizer=adam&lr=0.03&step=\d+&point=42$/);
    address = hash();
    seen = await state(page);
  });
  await onPage(address, async (page) => {
    await expect.poll(() => state(page)).toEqual(seen);
  });
});

test("an address that makes no sense is refused by name, and the page works", async () => {
  await onPage("#data=mars&layers=6&lr=0.1", async (page) => {
    expect(await page.locator(".notice").textContent()).toContain("(data)");
    await button(page, "One step").click();
    await until(page, "step", (step) => step === 1);
  });
});

/** Each state that a guide links to, and whether the page shows there what the guide says. */
const linked: Record<string, (page: Page) => Promise<void>> = {
  "": async (page) => expect(await shown(page, "step")).toBe(0),
  "preset=lesson&walk=0": async (page) => {
    const walk = page.locator(".walk");
    const said: string[] = [];
    for (;;) {
      said.push((await walk.textContent())!);
      if (await button(page, "Next").isDisabled()) break;
      await button(page, "Next").click();
    }
    const all = said.join("\n");
    for (const line of [
      "z = Σ w·a + b = 0.5·1 + (−0.25)·2 + 0.5 = 0.5a = tanh(z) = tanh(0.5) = 0.4621",
      "z = Σ w·a + b = 0.25·1 + 0.5·2 + (−0.25) = 1a = tanh(z) = tanh(1) = 0.7616",
      "z = Σ w·a + b = 2·0.4621 + (−1)·0.7616 + 0.5 = 0.6626",
      "output 0.6626 for target 1",
      "L = (z − y)² = (0.6626 − 1)² = 0.1138",
      "δ = ∂L/∂z = 2 (z − y) = 2 · (0.6626 − 1) = −0.6747",
      "∂L/∂a = Σ w·δ = 2·(−0.6747) = −1.3494δ = ∂L/∂z = ∂L/∂a · tanh′(z) = (−1.3494) · 0.7864 = −1.0613",
      "δ = ∂L/∂z = ∂L/∂a · tanh′(z) = 0.6747 · 0.4200 = 0.2834",
      "2 − 0.1 · (−0.3118) = 2.0312",
    ]) {
      expect(all).toContain(line);
    }
  },
  "preset=lesson&walk=5": async (page) => {
    expect(await page.locator(".walk").textContent()).toContain("δ = ∂L/∂z = 2 (z − y) = 2 · (0.6626 − 1) = −0.6747");
  },
  "preset=lesson&neuron=2-0": async (page) => {
    await page.getByText("Change its weights").click();
    await page.getByLabel("w1").fill("4");
    await page.getByLabel("w1").press("Enter");
    await page.locator('svg [data-at="1-0"][aria-label$="residual 3.6924"]').waitFor();
    expect(await page.locator('svg [data-at="1-1"]').getAttribute("aria-label")).toMatch(/residual −0\.4929$/);
  },
  "layers=3-2&walk=0": async (page) => expect(await page.locator(".walk").textContent()).toContain("goes in"),
  "data=spiral&layers=12-8&optimizer=adam&lr=0.01&speed=all": (page) => learns(page, 95),
  "data=spiral&layers=16&optimizer=adam&lr=0.01&speed=all": (page) => learns(page, 90),
  "data=circles&features=x1x1-x2x2&layers=0&lr=3": async (page) => {
    await learns(page, 95);
    await button(page, "Pause").click();
    const inputs = page.getByRole("group", { name: "Input features" });
    for (const name of ["x₁", "x₂"]) await inputs.getByLabel(name, { exact: true }).check();
    for (const name of ["x₁²", "x₂²"]) await inputs.getByLabel(name, { exact: true }).uncheck();
    await button(page, "Run").click();
    await until(page, "step", (step) => step > 100);
    expect(await shown(page, "test-quality")).toBeLessThan(70);
  },
  "data=circles&layers=6-6-6-6&activation=sigmoid&step=500": async (page) => {
    await until(page, "step", (step) => step === 500);
    const norms = await normsOf(page);
    for (const [i, norm] of norms.slice(0, -1).entries()) expect(norm / norms[i + 1]!).toBeLessThan(0.25);
    expect(await shown(page, "test-quality")).toBe(50);
  },
  "data=circles&layers=6-6-6-6&activation=relu&seed=10&step=500": async (page) => {
    await until(page, "step", (step) => step === 500);
    const norms = await normsOf(page);
    expect(Math.min(...norms)).toBeGreaterThan(norms.at(-1)! / 2);
    expect(await shown(page, "test-quality")).toBe(90);
  },
  "data=circles&layers=6-6-6-6&activation=relu": async (page) => {
    expect(await normsOf(page)).toEqual([0, 0, 0, 0, expect.closeTo(0.035, 2)]);
    expect(await page.getByText("6 of 6 neurons are dead").count()).toBe(4);
    expect(await page.locator(".neuron.dead").count()).toBe(24);
    await button(page, "One step").click();
    const chart = page.getByRole("img", {
      name: /Norm of each layer.*layer 1 0, layer 2 0, layer 3 0, layer 4 0, output/,
    });
    await chart.waitFor();
  },
  "data=regression&activation=linear&layers=16-16-16-16&lr=3": async (page) => {
    await button(page, "Run").click();
    await page.getByRole("alert").waitFor();
    expect(await shown(page, "step")).toBeLessThan(10);
  },
};

/** Learns, of points that it has not seen, so many percent. */
async function learns(page: Page, percent: number): Promise<void> {
  expect(await shown(page, "test-quality")).toBeLessThan(80);
  await button(page, "Run").click();
  await until(page, "test-quality", (shown) => shown >= percent);
}

/** The norm of each layer's residuals, the output's last. */
async function normsOf(page: Page): Promise<number[]> {
  const cells = await page.locator(".bars tbody tr td:nth-of-type(2)").allTextContents();
  return cells.map((text) => Number(text.replace("−", "-")));
}

test("each state that a page links to is known here", () => {
  const folder = fileURLToPath(new URL("../../docs/", import.meta.url));
  const links = [
    ...readdirSync(`${folder}guide`, { recursive: true, encoding: "utf8" }).map((file) => `guide/${file}`),
    "landing.md",
  ]
    .filter((file) => file.endsWith(".md"))
    .flatMap((file) => [...readFileSync(folder + file, "utf8").matchAll(/\(playground:([^) ]*)( "live")?\)/g)])
    .map(([, state]) => state!.replace(/&?lang=zh$/, ""));
  expect(new Set(links)).toEqual(new Set(Object.keys(linked)));
});

test.each(Object.keys(linked))("a page links to #%s, which shows what it says", async (state) => {
  await onPage(`#${state}`, linked[state]!);
});

test("a link that is followed within the page opens what it leads to", async () => {
  await onPage("#walk=1", async (page) => {
    await page.evaluate("location.hash = '#data=circles&step=7'");
    await until(page, "step", (step) => step === 7);
    expect(await page.getByLabel("Data set").inputValue()).toBe("circles");
    await page.goBack();
    await until(page, "step", (step) => step === 0);
    expect(await page.getByLabel("Data set").inputValue()).toBe("moons");
  });
});

test("the target that is named is the one that the loss used", async () => {
  await onPage("#loss=mse&walk=12", async (page) => {
    const text = await page.locator(".walk").textContent();
    expect(text).toContain("for target −1");
    const [, z, L] = /L = \(z − y\)² = \((.*) − \(−1\.00\)\)² = (.*)$/
      .exec(text!)!
      .map((v) => Number(v.replace("−", "-")));
    expect((z! + 1) ** 2).toBeCloseTo(L!, 1);
  });
});

test("a number that cannot be is refused in words", async () => {
  await onPage("", async (page) => {
    const field = page.getByLabel("Neurons in layer 1");
    for (const text of ["0", "17", "3.5"]) {
      await field.fill(text);
      await field.press("Enter");
      await page.getByText(`${text} was not accepted: enter a whole number from 1 to 16.`).waitFor();
      expect(await field.inputValue()).toBe("6");
    }
    await field.fill("5");
    await field.press("Enter");
    await expect.poll(() => new URL(page.url()).hash).toBe("#layers=5-4");
    await page.getByText("was not accepted").waitFor({ state: "detached" });
  });
});

test("the rate changes while it trains, and the link holds what came of it", async () => {
  const numbers = (page: Page) => page.locator("dl.status").textContent();
  let [address, seen]: [string, string | null] = ["", null];
  await onPage("#speed=60", async (page) => {
    await button(page, "Run").click();
    await until(page, "step", (step) => step > 20);
    await page.getByLabel("Learning rate").selectOption("0.03");
    const before = await shown(page, "step");
    await until(page, "step", (step) => step > before + 20);
    await button(page, "Pause").click();
    await expect.poll(() => new URL(page.url()).hash).toMatch(/^#lr=0.03&weights=.*&from=\d+&step=\d+$/);
    [address, seen] = [new URL(page.url()).hash, await numbers(page)];
  });
  await onPage(address, async (page) => {
    await expect.poll(() => numbers(page)).toBe(seen);
  });
});

test("a weight is changed by hand", async () => {
  await onPage("#preset=lesson&neuron=2-0", async (page) => {
    await page.getByText("Change its weights").click();
    const field = page.getByLabel("w1");
    await field.fill("1");
    await field.press("Enter");
    // 1 · 0.4621 − 0.7616 + 0.5
    await page.getByText("z = Σ w·a + b = 1·0.4621 + (−1)·0.7616 + 0.5 = 0.2005").waitFor();
    await expect
      .poll(() => new URL(page.url()).hash)
      .toBe("#preset=lesson&weights=0.5,-0.25,0.25,0.5,0.5,-0.25,1,-1,0.5&neuron=2-0");
  });
});

test("a neuron's map is enlarged where the pointer is", async () => {
  await onPage("", async (page) => {
    await page.locator('svg [data-at="1-2"] .body').hover();
    await page.getByRole("heading", { name: "Response: hidden layer 1, neuron 3" }).waitFor();
    await page.locator("h1").hover();
    await page.getByRole("heading", { name: "Decision boundary" }).waitFor();
  });
});

test("the map says what it is, and empty curves how they begin", async () => {
  await onPage("#data=regression&speed=all", async (page) => {
    await page.getByRole("heading", { name: "Output over the plane" }).waitFor();
    const hint = page.getByText("The curves begin with the first step");
    await hint.waitFor();
    await button(page, "One step").click();
    await until(page, "step", (step) => step === 1);
    await hint.waitFor({ state: "detached" });
  });
});

test("no derivative in a text is cut in two by the end of a line", async () => {
  for (const width of [320, 390, 500, 1280]) {
    await onPage(
      "#preset=lesson&walk=5",
      async (page) => {
        await page.locator(".whole").nth(1).waitFor();
        const lines = "Array.from(document.querySelectorAll('.whole'), (e) => e.getClientRects().length)";
        expect(new Set(await page.evaluate<number[]>(lines))).toEqual(new Set([1]));
      },
      { viewport: { width, height: 800 } },
    );
  }
});

test("the link is copied", async () => {
  await onPage(
    "#layers=3",
    async (page) => {
      await button(page, "Copy link").click();
      await page.getByText("Copied", { exact: true }).waitFor();
      expect(await page.evaluate("navigator.clipboard.readText()")).toBe(page.url());
    },
    { permissions: ["clipboard-read", "clipboard-write"] },
  );
});

test("a training that diverges says so and stops", async () => {
  await onPage("#data=regression&activation=linear&layers=16-16-16-16&lr=3", async (page) => {
    await button(page, "Run").click();
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").textContent()).toContain("lower learning rate");
    await button(page, "Run").waitFor();
    // What is no number has a colour of its own, on the map and in the neurons; it is not black.
    for (const [canvas, x, y] of [
      [".boundary", 1, 1],
      [".maps", 2 * (34 + 5 * 124), 2 * (30 + 8 * 50)], // the output: see view/places.ts
    ]) {
      const script = `Array.from(document.querySelector("${canvas}").getContext("2d").getImageData(${x}, ${y}, 1, 1).data)`;
      expect(await page.evaluate<number[]>(script)).toEqual([0x8d, 0x8d, 0x99, 255]);
    }
    expect(await accessibilityFaults(page)).toEqual([]);
  });
});

test("one point is followed forwards and back, by keyboard alone", async () => {
  await onPage("#layers=2", async (page) => {
    const walk = page.getByRole("region", { name: "Follow one point" });
    const text = () => walk.locator(".walk").textContent();
    await button(page, "Begin").focus();
    await page.keyboard.press("Enter");
    await expect.poll(text).toContain("goes in; its target is");
    const residuals = () => page.locator("svg g.neuron[aria-label*=residual]").count();
    const next = async (): Promise<void> => {
      await button(page, "Next").focus();
      await page.keyboard.press("Enter");
    };
    for (const wanted of [
      "hidden layer 1, neuron 1",
      "hidden layer 1, neuron 2",
      "Forward, output",
      "ends in the loss",
    ]) {
      await next();
      await expect.poll(text).toContain(wanted);
    }
    await expect.poll(residuals).toBe(0);
    await next();
    await expect.poll(text).toContain("comes from the loss alone");
    await expect.poll(residuals).toBe(1);
    await next();
    await expect.poll(text).toContain("Gradients of output");
    await next();
    await expect.poll(text).toContain("Backward, hidden layer 1, neuron 1");
    await expect.poll(residuals).toBe(2);
    await expect.poll(() => new URL(page.url()).hash).toBe("#layers=2&walk=7");
  });
});

test("the walk plays by itself", async () => {
  await onPage("#layers=2&walk=0", async (page) => {
    await button(page, "Play").click();
    await page.getByText("hidden layer 1, neuron 2").first().waitFor();
    await button(page, "Stop").click();
  });
});

test("arrow keys go from neuron to neuron, and what is there is said", async () => {
  await onPage("", async (page) => {
    await page.locator('svg [data-at="0-0"]').focus();
    const focused = () => page.evaluate<string>("document.activeElement.getAttribute('aria-label')");
    await page.keyboard.press("ArrowRight");
    expect(await focused()).toMatch(/^hidden layer 1, neuron 1, activation −?[\d.e−]+, residual −?[\d.e−]+$/);
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toMatch(/^hidden layer 1, neuron 2/);
    expect(await page.locator(".formulas").textContent()).toContain("δ = ∂L/∂z = ∂L/∂a · tanh′(z)");
  });
});

test("the computation graph shows value, gradient and local derivative of what is touched", async () => {
  await onPage("#step=10", async (page) => {
    await page.getByRole("heading", { name: "Computation graph" }).click();
    const graph = page.getByRole("group", { name: /Computation graph with/ });
    // It opens at the loss, which is in sight.
    const loss = graph.getByRole("button", { name: /^loss L/ });
    expect(await loss.getAttribute("aria-pressed")).toBe("true");
    const frame = await page.locator(".drawing.scrolls").boundingBox();
    await expect.poll(async () => (await loss.boundingBox())!.x + 20).toBeLessThan(frame!.x + frame!.width);
    await expect.poll(() => new URL(page.url()).hash).toMatch(/&graph=\d+$/);
    await graph.getByRole("button", { name: /^tanh/ }).first().click();
    const detail = page.locator(".detail").last();
    expect(await detail.textContent()).toContain("∂tanh(x)/∂x = 1 − y²");
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => detail.textContent()).not.toContain("tanh (");
    const weight = graph.getByRole("button", { name: /^0.weight/ });
    await weight.click();
    expect(await detail.locator("dd").nth(1).textContent()).toMatch(/\d/);
  });
});

test("points are chosen on the map", async () => {
  await onPage("#point=5", async (page) => {
    const before = new URL(page.url()).hash;
    await page.locator("canvas.boundary").click({ position: { x: 20, y: 140 } });
    await expect.poll(() => new URL(page.url()).hash).not.toBe(before);
  });
});

test("labels are switched to Chinese, and a Chinese browser gets them at once", async () => {
  await onPage("", async (page) => {
    await page.getByRole("button", { name: "中文" }).click();
    expect(await page.locator("h1").textContent()).toBe("演练场");
    expect(await page.getAttribute("html", "lang")).toBe("zh-CN");
    await expect.poll(() => new URL(page.url()).hash).toBe("#lang=zh");
  });
  await onPage("", async (page) => expect(await page.locator("h1").textContent()).toBe("演练场"), { locale: "zh-CN" });
});

describe.each(["light", "dark"] as const)("%s", (colorScheme) => {
  test.each([
    ["desktop", 1280],
    ["phone", 320],
  ])("on a %s nobody is kept out, and nothing is wider than the screen", async (_, width) => {
    await onPage(
      "#step=50&walk=9",
      async (page) => {
        await page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true");
        await page.locator("svg .node").first().waitFor();
        await until(page, "step", (step) => step === 50);
        expect(await accessibilityFaults(page)).toEqual([]);
        expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      },
      { colorScheme, viewport: { width, height: 800 } },
    );
  });
});

testFiles(200_000); // 70 kB of them are the compiler, with which a step takes an eighth of the time
