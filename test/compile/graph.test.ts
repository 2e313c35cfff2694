import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Builder } from "../../src/compile/builder.ts";
import { axesOf, cutsOf, isChain, strideAlong } from "../../src/compile/cuts.ts";
import { compile } from "../../src/compile/index.ts";
import type { Graph, Node, View } from "../../src/compile/ir.ts";
import { printGraph } from "../../src/compile/print.ts";
import { withCopies, withoutDeadCode } from "../../src/compile/simplify.ts";
import { verify } from "../../src/compile/verify.ts";
import { composed, isWhole, simplified, viewSize } from "../../src/compile/view.ts";
import * as T from "../../src/index.ts";

/** The places that a window shows, in order. */
function placesOf({ sizes, strides, offset }: View): number[] {
  return sizes.reduce<number[]>(
    (places, size, d) => places.flatMap((place) => Array.from({ length: size }, (_, i) => place + i * strides[d]!)),
    [offset],
  );
}

/** A window of an array of `size` elements: some axes of a shape, in any order, in steps, either way. */
const windowOf = (size: number): fc.Arbitrary<View> =>
  fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: -6, max: 6 })), { maxLength: 4 }).map((axes) => {
    const sizes = axes.map(([n]) => n);
    const strides = axes.map(([, stride]) => stride);
    const low = strides.reduce((at, stride, d) => at + Math.min(0, stride * (sizes[d]! - 1)), 0);
    const high = strides.reduce((at, stride, d) => at + Math.max(0, stride * (sizes[d]! - 1)), 0);
    return high - low < size ? { sizes, strides, offset: 0 - low } : { sizes: [size], strides: [1], offset: 0 };
  });

describe("windows", () => {
  test("simplifying keeps the places", () => {
    fc.assert(
      fc.property(windowOf(40), (view) => {
        expect(placesOf(simplified(view))).toEqual(placesOf(view));
      }),
      { seed: 1 },
    );
  });

  test("a window of a window is what it says, where it can be said", () => {
    let count = 0;
    const both = windowOf(60).chain((inner) => windowOf(viewSize(inner)).map((outer) => [inner, outer] as const));
    fc.assert(
      fc.property(both, ([inner, outer]) => {
        const whole = composed(simplified(inner), simplified(outer));
        if (whole === null) return;
        count++;
        const places = placesOf(inner);
        expect(placesOf(whole)).toEqual(placesOf(outer).map((k) => places[k]!));
      }),
      { seed: 1, numRuns: 5000 },
    );
    expect(count).toBeGreaterThan(2500);
  });

  test("all of an array is recognised", () => {
    expect(isWhole(simplified({ sizes: [2, 1, 3], strides: [3, 7, 1], offset: 0 }), 6)).toBe(true);
    expect(isWhole(simplified({ sizes: [2, 3], strides: [3, 1], offset: 0 }), 7)).toBe(false);
    expect(isWhole(simplified({ sizes: [3, 2], strides: [1, 3], offset: 0 }), 6)).toBe(false);
  });

  test("along a loop's axes, a window has one step each", () => {
    fc.assert(
      fc.property(windowOf(60), windowOf(60), (a, b) => {
        const size = viewSize(a);
        if (viewSize(b) !== size) return;
        const [v, w] = [simplified(a), simplified(b)];
        const cuts = [...cutsOf(v), ...cutsOf(w)];
        if (!isChain(cuts, size)) return;
        const axes = axesOf(cuts, size);
        for (const view of [v, w]) {
          const strides = axes.map(({ place }) => strideAlong(view, place));
          expect(placesOf({ sizes: axes.map((axis) => axis.size), strides, offset: view.offset })).toEqual(
            placesOf(view),
          );
        }
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});

describe("the builder", () => {
  test("makes equal nodes once, computes constants, and sees through windows", () => {
    const b = new Builder();
    const x = b.leaf([2, 3], "float32");
    expect(b.unary("exp", x).id).toBe(b.unary("exp", x).id);
    expect(b.uniform(b.cast(b.fill(2.5, [3], "float64"), "float32"))).toBe(2.5);
    const turned = b.view(x, { sizes: [3, 2], strides: [1, 3], offset: 0 }, [3, 2]);
    const back = b.view(turned, { sizes: [2, 3], strides: [1, 2], offset: 0 }, [2, 3]);
    expect(back.id).toBe(x.id);
  });
});

describe("passes", () => {
  const graph = (): Graph => {
    const b = new Builder();
    const [x, y] = [b.leaf([4], "float32"), b.leaf([4], "float32")];
    b.unary("exp", y);
    const sum = b.binary("add", x, x);
    return { nodes: b.nodes, checks: [], outputs: [sum.id, x.id, sum.id] };
  };

  test("dead code goes; each output gets a node that computes it", () => {
    const pruned = withoutDeadCode(graph());
    expect(printGraph(pruned)).toBe(
      "%0 = leaf float32[4]\n%1 = leaf float32[4]\n%2 = add float32[4] %0, %0\noutputs %2, %0, %2",
    );
    expect(printGraph(withCopies(pruned))).toBe(
      [
        "%0 = leaf float32[4]",
        "%1 = leaf float32[4]",
        "%2 = add float32[4] %0, %0",
        "%3 = cast float32[4] %0",
        "%4 = cast float32[4] %2",
        "outputs %2, %3, %4",
      ].join("\n"),
    );
  });

  const leaf: Node = { kind: "leaf", dtype: "float32", size: 4 };
  const faults: [what: string, node: Node, message: string][] = [
    [
      "a use before it is made",
      { kind: "map", fn: "exp", dtype: "float32", size: 4, args: [1] },
      "used before it is made",
    ],
    ["sizes that differ", { kind: "map", fn: "exp", dtype: "float32", size: 5, args: [0] }, "sizes must be equal"],
    [
      "dtypes that differ",
      { kind: "map", fn: "neg", dtype: "int32", size: 4, args: [0] },
      "the dtype of the arguments",
    ],
    [
      "a comparison of another dtype",
      { kind: "map", fn: "lt", dtype: "float32", size: 4, args: [0, 0] },
      "gives bools",
    ],
    [
      "a select without a mask",
      { kind: "map", fn: "select", dtype: "float32", size: 4, args: [0, 0, 0] },
      "select needs",
    ],
    [
      "a window that sticks out",
      { kind: "view", dtype: "float32", size: 4, x: 0, sizes: [4], strides: [1], offset: 1 },
      "within",
    ],
    [
      "a window of another size",
      { kind: "view", dtype: "float32", size: 3, x: 0, sizes: [4], strides: [1], offset: 0 },
      "multiply",
    ],
    [
      "a reduction of too few",
      { kind: "reduce", fn: "sum", dtype: "float32", size: 1, x: 0, outer: 1, count: 5, inner: 1 },
      "all elements",
    ],
    ["places that are no integers", { kind: "take", dtype: "float32", size: 4, x: 0, at: 0 }, "places must be int32"],
    [
      "parts outside",
      { kind: "assemble", dtype: "float32", size: 4, fill: 0, parts: [{ x: 0, sizes: [4], strides: [1], offset: 1 }] },
      "parts",
    ],
    [
      "operands that do not fit",
      {
        kind: "matmul",
        dtype: "float32",
        size: 4,
        a: 0,
        b: 0,
        batch: 1,
        m: 2,
        k: 3,
        n: 2,
        inPlace: false,
        transposeA: false,
        transposeB: false,
      },
      "operands",
    ],
  ];

  test.each(faults)("the verifier finds %s, and names the pass", (_, node, message) => {
    const bad = { nodes: [leaf, node], checks: [], outputs: [] };
    expect(() => verify(bad, "some pass")).toThrow(/^some pass: node 1/);
    expect(() => verify(bad, "some pass")).toThrow(message);
  });
});

test("the verifier finds elementary functions of integers", () => {
  const nodes: Node[] = [
    { kind: "leaf", dtype: "int32", size: 4 },
    { kind: "map", fn: "exp", dtype: "int32", size: 4, args: [0] },
  ];
  expect(() => verify({ nodes, checks: [], outputs: [] }, "some pass")).toThrow("exp is of floats");
});

describe("programs", () => {
  const relu = (x: T.Tensor): T.Tensor => T.sum(T.relu(T.add(T.matmul(x, T.transpose(x)), 1)));

  test("say what they do", () => {
    const f = compile(relu);
    f(T.ones([3, 4]));
    const [program] = f.programs;
    expect(program!.stats).toMatchObject({ operations: 6, kernels: 3, flops: 2 * 9 * 4 + 12 + 4 * 9 });
    expect(program!.stats.moduleBytes).toBeGreaterThan(100);
    const text = String(program);
    expect(text).toContain("matmul 3×4×3 float32[9]");
    expect(text).toContain("loop 2 over 9:");
    expect(text.split("\n").at(-1)).toMatch(/^outputs %\d+$/);
  });

  test("chains of elementwise work are one loop, with the reduction at their end", () => {
    const f = compile((x: T.Tensor) => T.sum(T.mul(T.tanh(T.add(T.mul(x, 2), T.exp(x))), x)));
    f(T.ones([100]));
    expect(f.programs[0]!.stats.kernels).toBe(1);
  });

  test("an optimizer's update of a parameter is one pass", () => {
    const p = T.randn([50]);
    p.requiresGrad = true;
    const optimizer = new T.Adam([p]);
    const f = compile((g: T.Tensor) => {
      p.grad = g;
      optimizer.step();
    });
    f(T.ones([50]));
    const loops = String(f.programs[0]).match(/^loop \d+ over 50:/gm)!;
    expect(loops.length).toBe(1);
  });
});

test("kinds of nodes that are computed are known to their records, and to what makes code of them, alone", () => {
  const folder = new URL("../../src/compile/", import.meta.url);
  const asks = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => {
    if (!path.endsWith(".ts") || path.startsWith("ir")) return false;
    const code = readFileSync(new URL(path, folder), "utf8");
    return (
      /from "(\.{1,2}\/)+ir\.ts"/.test(code) &&
      /(kind [!=]== |case )"(map|take|reduce|matmul|scatter|assemble|scan|sort|host)"/.test(code)
    );
  });
  // A switch that is complete by its type; which nodes a library multiplies; and which elementwise functions are cheap.
  expect(asks.sort()).toEqual(["residuals.ts", "webassembly/emit/loop.ts", "webassembly/outside.ts"]);
});
