import { describe, expect, test } from "vitest";
import { CompileError, compile } from "../../src/compile/index.ts";
import { isLowered } from "../../src/compile/lower.ts";
import { apply } from "../../src/core/apply.ts";
import { Tensor } from "../../src/tensor.ts";
import { allOps } from "../support/ops.ts";
import { fail, forAll, type Sample } from "../support/sample.ts";

/** Ops that compiled functions cannot have yet: each says so when it is recorded. */
const missing = ["nonzeroOp"];

/** Fails unless arrays agree to some units of a dtype's precision, relative to their largest element. */
function expectNear(what: string, got: Tensor, wanted: Tensor, isExact: boolean): void {
  if (got.dtype !== wanted.dtype || `${got.shape}` !== `${wanted.shape}`) {
    fail(`${what}: ${got.dtype}[${got.shape}] instead of ${wanted.dtype}[${wanted.shape}]`);
  }
  const [a, b] = [got.data, wanted.data];
  const scale = Array.from(b).reduce(
    (most: number, v: number) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most),
    0,
  );
  const slack = isExact ? 0 : scale * (got.dtype === "float32" ? 4e-6 : 1e-14);
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i]) || a[i] === b[i] || Math.abs(a[i]! - b[i]!) <= slack) continue;
    fail(`${what}: element ${i} is ${a[i]} instead of ${b[i]}\n  ${a}\n  ${b}`);
  }
}

/** Ops that reorder what they add, or are made of others; the rest is exact in float64. */
const inexact = new Set([
  "sum",
  "softmax",
  "logSoftmax",
  "adamStep",
  "combine",
  "pow",
  "tanh",
  "erf",
  "softplus",
  "cumsum",
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
  const isExact = dtype === "float64" && !inexact.has(op.name);
  expectNear("result", y, wanted.detach(), isExact);
  fresh.forEach((x, i) => {
    const [got, own] = [leaves[i]!.grad, x.grad];
    if ((got === null) !== (own === null)) fail(`gradient ${i} is ${got} instead of ${own}`);
    if (own !== null) expectNear(`gradient ${i}`, got!, own, false);
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
