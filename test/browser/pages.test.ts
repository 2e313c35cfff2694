import { describe, expect, test } from "vitest";
import type { Predictions } from "./pages/onnx.ts";
import type { Losses } from "./pages/sine.ts";
import { isolation } from "./staticSite.ts";
import { visitor } from "./visit.ts";

/** How far compiled losses may be from eager ones, relative to the first loss: rounding grows over the steps. */
const slack = { float32: 1e-5, float64: 1e-12 };

/** Both runs learned, and learned the same; the second by one program. */
function expectLearned({ eager, compiled, programs }: Losses, precision: keyof typeof slack): void {
  expect(programs).toBe(1);
  expect(eager.at(-1)).toBeLessThan(1e-2 * eager[0]!);
  expect(compiled.length).toBe(eager.length);
  compiled.forEach((loss, i) => expect(Math.abs(loss - eager[i]!)).toBeLessThanOrEqual(slack[precision] * eager[0]!));
}

const sites = {
  "any site": {},
  "a site whose policy allows WebAssembly and nothing else": {
    "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
  },
  "an isolated site": isolation,
};

const visit = visitor();

describe.each(Object.entries(sites))("on %s", (_, headers) => {
  test.each([
    ["a page", "plain"],
    ["a module worker", "inWorker"],
  ])("%s imports the built package and learns, compiled as it does eagerly", async (_, name) => {
    const { shown, complaints, elsewhere } = await visit<{ float32: Losses; float64: Losses }>(name, headers);
    expectLearned(shown.float32, "float32");
    expectLearned(shown.float64, "float64");
    expect(complaints).toEqual([]);
    expect(elsewhere).toEqual([]);
  });
});

test("where the policy forbids WebAssembly, compile says what to allow, and eager code learns", async () => {
  const policy = { "content-security-policy": "default-src 'self'; script-src 'self'" };
  type Shown = { refusal: { isCompileError: boolean; message: string } | null; eager: number[] };
  const { shown, complaints, elsewhere } = await visit<Shown>("withoutWasm", policy);
  expect(shown.refusal?.isCompileError).toBe(true);
  expect(shown.refusal?.message).toContain("allow 'wasm-unsafe-eval' in script-src; eager code works without");
  expect(shown.eager.at(-1)).toBeLessThan(1e-2 * shown.eager[0]!);
  expect(complaints).toEqual([]);
  expect(elsewhere).toEqual([]);
});

describe("several threads", () => {
  interface Shown {
    readonly alone: readonly number[];
    readonly together: readonly number[];
    readonly fromBlob: string | null;
    readonly fromFile: string | null;
  }

  /** Alone or together, it learns the same. */
  function expectSame({ alone, together }: Shown): void {
    expect(alone.at(-1)).toBeLessThan(0.1 * alone[0]!);
    expect(together).toEqual(alone);
  }

  test("work in an isolated page, and come to the same bits as one", async () => {
    const { shown, complaints } = await visit<Shown>("threads", isolation);
    expect(shown.fromBlob).toBeNull();
    expectSame(shown);
    expect(complaints).toEqual([]);
  });

  test("work from a file where the policy allows workers from the site alone; without it the error says so", async () => {
    const policy = { "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'" };
    const { shown } = await visit<Shown>("threads", { ...isolation, ...policy });
    expect(shown.fromBlob).toContain(
      "a Content-Security-Policy must allow worker-src blob:, or pass the option worker",
    );
    expect(shown.fromFile).toBeNull();
    expectSame(shown);
  });

  test("are refused in a page that is not isolated, which goes on with one", async () => {
    const { shown, complaints } = await visit<Shown>("threads");
    expect(shown.fromBlob).toContain("file, with Cross-Origin-Opener-Policy: same-origin");
    expect(shown.fromFile).toContain("file, with Cross-Origin-Opener-Policy: same-origin");
    expectSame(shown);
    expect(complaints).toEqual([]);
  });
});

test("an isolated page may share memory, and learns with a larger network", async () => {
  type Shown = { isIsolated: boolean; hasSharedMemory: boolean; losses: Losses };
  const { shown, complaints } = await visit<Shown>("isolated", isolation);
  expect(shown.isIsolated).toBe(true);
  expect(shown.hasSharedMemory).toBe(true);
  expectLearned(shown.losses, "float32");
  expect(complaints).toEqual([]);
});

test("a page learns to read handwritten digits: at least 97 % of those that it has not seen", async () => {
  const { shown, complaints } = await visit<{ accuracy: number }>("digits");
  expect(shown.accuracy).toBeGreaterThanOrEqual(0.97);
  expect(complaints).toEqual([]);
});

test("a page trains a model, and onnxruntime predicts from the bytes that it writes", async () => {
  const { shown, complaints, elsewhere } = await visit<Predictions>("onnx");
  expect(shown.losses.at(-1)).toBeLessThan(0.5 * shown.losses[0]!);
  expect(shown.batches.map(({ size, same }) => [size, same])).toEqual([
    [1, 1],
    [100, 100],
  ]);
  for (const { difference } of shown.batches) expect(difference).toBeLessThan(1e-4);
  expect(complaints).toEqual([]);
  expect(elsewhere).toEqual([]);
});

test("a canvas's pixels become a tensor, and come back as they were", async () => {
  interface Trip {
    readonly shape: number[];
    readonly before: number[];
    readonly after: number[];
    readonly grey: number[];
  }
  const { shown, complaints } = await visit<{ element: Trip; offscreen: Trip; refusal: string }>("canvas");
  for (const { shape, before, after, grey } of [shown.element, shown.offscreen]) {
    expect(shape).toEqual([4, 3, 5]);
    expect(before.slice(0, 4)).toEqual([255, 128, 7, 255]);
    expect(after).toEqual(before);
    expect(grey[0]).toBeCloseTo(0.299 * 255 + 0.587 * 128 + 0.114 * 7, 4);
    expect(grey[2]).toBe(0); // where nothing was drawn
  }
  expect(shown.refusal).toContain('write fromPixels(canvas.getContext("2d").getImageData(');
  expect(complaints).toEqual([]);
});

test("a model is downloaded, uploaded, and kept in IndexedDB", async () => {
  type Shown = { wanted: unknown; uploaded: unknown; kept: unknown; none: boolean };
  const { shown, complaints } = await visit<Shown>("files");
  expect(shown).toEqual({ wanted: shown.wanted, uploaded: shown.wanted, kept: shown.wanted, none: true });
  expect(complaints).toEqual([]);
});
