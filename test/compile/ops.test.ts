import { describe, expect, test } from "vitest";
import { CompileError, compile } from "../../src/compile/index.ts";
import { isLowered } from "../../src/compile/lower.ts";
import { apply } from "../../src/core/apply.ts";
import { Tensor } from "../../src/tensor.ts";
import { allOps } from "../support/ops.ts";
import { fail, forAll, type Sample } from "../support/sample.ts";

/** Ops that compiled functions cannot have yet: each says so when it is recorded. */
const missing = ["nonzeroOp"];

/** Results may differ not at all, by some units in each element's last place, or in their largest element's. */
type Agreement = "exact" | "elementary" | "near";

/** Fails unless arrays agree. */
function expectNear(what: string, got: Tensor, wanted: Tensor, agreement: Agreement): void {
  if (got.dtype !== wanted.dtype || `${got.shape}` !== `${wanted.shape}`) {
    fail(`${what}: ${got.dtype}[${got.shape}] instead of ${wanted.dtype}[${wanted.shape}]`);
  }
  const [a, b] = [got.data, wanted.data];
  const scale = Array.from(b).reduce(
    (most: number, v: number) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most),
    0,
  );
  const slackAt = (i: number): number => {
    if (agreement === "exact") return 0;
    // Half an ulp is at most 2⁻⁵³ of a number: this is 3 to 6 ulp, both sides' errors together.
    if (agreement === "elementary") return 6 * 2 ** -53 * Math.abs(b[i]!);
    return scale * (got.dtype === "float32" ? 4e-6 : 1e-14);
  };
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i]) || a[i] === b[i] || Math.abs(a[i]! - b[i]!) <= slackAt(i)) continue;
    fail(`${what}: element ${i} is ${a[i]} instead of ${b[i]}\n  ${a}\n  ${b}`);
  }
}

/** Ops of which the compiler has its own version, and JavaScript another, in float64: see accuracy.test.ts. */
const elementary = new Set([
  ...["exp", "expm1", "log", "log1p", "tanh", "sigmoid", "erf", "sin", "cos", "pow", "tan", "asin", "acos", "atan"],
  ...["log2", "log10", "exp2", "sinh", "cosh", "asinh", "acosh", "atanh", "atan2", "hypot", "xlogy", "erfc", "erfinv"],
]);

/** Ops that reorder what they add, or are made of others; the rest is exact in float64. */
const inexact = new Set([
  "sum",
  "mean",
  "centre",
  "spread",
  "norm",
  "over",
  "softmax",
  "logSoftmax",
  "adamStep",
  "combine",
  "softplus",
  "cumsum",
  "bce",
  "sinc",
  "linearScan",
  "logaddexp",
  "lgamma",
  "polygamma",
  "conv",
  "convInput",
  "convWeight",
]);

function check({ op, inputs, attrs, cotangent }: Sample, dtype: "float32" | "float64"): void {
  const leaves = inputs.map((input) => input.leaf(dtype));
  const g = cotangent.leaf(dtype);
  g.requiresGrad = false;
  const run = (own: readonly Tensor[]): Tensor => {
    for (const x of own) x.grad = null;
    const y = apply(op, own, attrs);
    if (y.requiresGrad) y.backward(g.to(y.dtype));
    return y;
  };
  const compiled = compile(() => run(leaves), { verify: true });
  compiled();
  inputs.forEach((input, i) => {
    const x = leaves[i]!;
    x.assign(new Tensor(input.leaf(dtype, input.others).data, x.shape, x.dtype));
  });
  const y = compiled();
  expect(compiled.programs.length).toBe(1);
  const fresh = inputs.map((input) => input.leaf(dtype, input.others));
  const wanted = run(fresh);
  let agreement: Agreement = elementary.has(op.name) ? "elementary" : "exact";
  if (dtype === "float32" || inexact.has(op.name)) agreement = "near";
  expectNear("result", y, wanted.detach(), agreement);
  fresh.forEach((x, i) => {
    const [got, own] = [leaves[i]!.grad, x.grad];
    if ((got === null) !== (own === null)) fail(`gradient ${i} is ${got} instead of ${own}`);
    if (own !== null) expectNear(`gradient ${i}`, got!, own, "near");
  });
}

for (const { exported, op, cases } of allOps) {
  if (cases === undefined) continue;
  describe(exported, () => {
    if (missing.includes(exported)) {
      test("says that it cannot be compiled", () => {
        forAll(op, cases, ({ inputs, attrs }) => {
          const leaves = inputs.map((input) => input.leaf());
          expect(() => compile(() => apply(op, leaves, attrs))()).toThrow(CompileError);
        });
      });
      return;
    }
    test("has a lowering", () => expect(isLowered(op)).toBe(true));
    for (const dtype of ["float32", "float64"] as const) {
      test(`compiled equals eager in ${dtype}, on other values than were recorded`, () => {
        forAll(op, cases, (sample) => check(sample, dtype));
      });
    }
  });
}
