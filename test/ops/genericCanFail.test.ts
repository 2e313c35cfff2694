import { describe, expect, test } from "vitest";
import { DTypeError, ShapeError } from "../../src/core/errors.ts";
import type { Op } from "../../src/core/op.ts";
import { abs } from "../../src/ops/abs.ts";
import { addOp } from "../../src/ops/add.ts";
import { binaryCases, type OpCases, unaryCases } from "../../src/ops/cases.ts";
import { cos } from "../../src/ops/cos.ts";
import { defineUnary, type UnarySpec } from "../../src/ops/define.ts";
import { mul } from "../../src/ops/mul.ts";
import { sumTo } from "../../src/ops/unbroadcast.ts";
import { zerosLike } from "../../src/ops/zerosLike.ts";
import { checkFirst, checkFloat32, checkLinear, checkMixed, checkSecond } from "../support/gradientChecks.ts";
import { checkErrors, checkKernel, checkLanes } from "../support/kernelChecks.ts";
import { checkOverwrites } from "../support/overwriteChecks.ts";
import { forAll, type Sample } from "../support/sample.ts";

// The generic suite must be able to fail: each record here is wrong in one way, and the check that is there for it says so.
const cases = unaryCases() as OpCases<unknown>;
const pairs = binaryCases() as OpCases<unknown>;

/** `sin`, but for what is said. */
const sinWith = (wrong: Partial<UnarySpec<unknown>>): Op =>
  defineUnary<unknown>({
    name: "wrong",
    dtype: "float",
    forward: (y, x) => {
      for (let i = 0; i < y.length; i++) y[i] = Math.sin(x[i]!);
    },
    vjp: ({ g, x }) => mul(g, cos(x)),
    ...wrong,
  });

const addWith = (wrong: Partial<Op<undefined>>): Op => ({ ...addOp, name: "wrong", ...wrong }) as Op;

const run =
  (op: Op, check: (sample: Sample) => void, drawn = cases) =>
  (): void => {
    try {
      forAll(op, drawn, check);
    } catch (error) {
      throw (error as Error).cause; // the check's own message, without fast-check's
    }
  };

const passes = (op: Op, check: (sample: Sample) => void, drawn = cases): void =>
  expect(run(op, check, drawn)).not.toThrow();

test("a right record passes", () => {
  for (const check of [checkKernel, checkLanes, checkFirst, checkSecond, checkLinear, checkFloat32, checkOverwrites]) {
    passes(sinWith({}), check);
  }
  passes(addWith({}), checkMixed, pairs);
});

describe("wrong gradients", () => {
  test("a factor", () => {
    const op = sinWith({ vjp: ({ g, x }) => mul(mul(g, cos(x)), 1.00001) });
    expect(run(op, checkFirst)).toThrow(
      /by input 0(\[.*\])?: mismatch[\s\S]*relative 0\.00001,[\s\S]* constant factor, 1\.00001/,
    );
  });

  test("a gradient that is wrong on one side only", () => {
    expect(run(sinWith({ vjp: ({ g, x }) => mul(g, cos(abs(x).mul(-1).add(x).mul(0.5))) }), checkFirst)).toThrow(
      /input 0.*: mismatch, where the input is \d[\s\S]*wrong where the input is positive, and only there/,
    );
  });

  test("a missing sum over broadcast axes", () => {
    const op = addWith({ vjp: [({ g }) => g, ({ g }) => g] });
    expect(run(op, checkFirst, pairs)).toThrow(/a vjp must fit its input, got float64\[.*\] for float64\[/);
  });

  test("a missing cast", () => {
    const rule = /a vjp must fit its input, got float64\[.*\] for float32\[/;
    const op = addWith({ vjp: [(s) => sumTo(s.g, s.shapeOf(0)), (s) => sumTo(s.g, s.shapeOf(1))] });
    passes(op, checkFirst, pairs);
    expect(run(op, checkMixed, pairs)).toThrow(rule);
  });

  test("a second derivative that is cut off in the input", () => {
    const op = sinWith({ vjp: ({ g, x }) => mul(g, cos(x.detach())) });
    passes(op, checkFirst);
    expect(run(op, checkSecond)).toThrow(/by input 0: mismatch[\s\S]*analytic 0,/);
  });

  test("a second derivative that is cut off in the cotangent", () => {
    const op = sinWith({ vjp: ({ g, x }) => mul(g.detach(), cos(x)) });
    passes(op, checkFirst);
    expect(run(op, checkSecond)).toThrow(/by cotangent 0: mismatch[\s\S]*analytic 0,/);
  });

  test("a rule that is not linear in the cotangent", () => {
    expect(run(sinWith({ vjp: ({ g, x }) => mul(abs(g), cos(x)) }), checkLinear)).toThrow("vjp of a combination");
    const constant = sinWith({ vjp: ({ g }) => zerosLike(g).add(1) });
    expect(run(constant, checkLinear)).toThrow(/vjp of (a combination|0)/);
  });
});

describe("wrong values after an overwrite", () => {
  test("a rule that reads an input behind the check's back", () => {
    const op = sinWith({ vjp: ({ g, result }) => mul(g, cos(result.inputs[0]!)) });
    passes(op, checkFirst);
    expect(run(op, checkOverwrites)).toThrow("vjp 0 after input 0 was overwritten: element 0 is");
  });

  test("a rule that asks for an input that it does not need", () => {
    const needless = addWith({
      vjp: [(s) => sumTo(mul(s.g, s.a.shape.length + 1), s.shapeOf(0)), "nondifferentiable"],
    });
    const seen: boolean[] = [];
    forAll(needless, pairs, (sample) => {
      const [first] = checkOverwrites(sample);
      seen.push(first?.outcome === "refused" && first.depends);
    });
    expect(seen).not.toContain(true); // refused always, and needed never: what the suite objects to
  });
});

describe("wrong kernels", () => {
  const kernelWith = (wrong: Partial<Op>): Op => ({ ...sinWith({ vjp: "nondifferentiable" }), ...wrong });

  test("a shape rule that promises more than is computed", () => {
    const op = kernelWith({ shape: ([x]) => [...x!.shape, 2] });
    const outcomes = new Set<string>();
    expect(run(op, (sample) => outcomes.add(checkKernel(sample)))).toThrow("the kernel reads input 0[");
    const careful = kernelWith({
      shape: ([x]) => [...x!.shape, 2],
      forward: (y, [x]) => x!.values.forEach((v, i) => (y[i] = v)),
    });
    forAll(careful, cases, (sample) => outcomes.add(checkKernel(sample)));
    expect(outcomes).not.toContain("full");
  });

  test("a shape rule that promises less", () => {
    const op = kernelWith({
      shape: () => [1],
      forward: (y, [x]) => x!.values.forEach((v, i) => (y[i] = v)),
    });
    expect(run(op, checkKernel)).toThrow("the kernel writes the result[1], which has 1 elements");
  });

  test("a kernel that writes to its input", () => {
    const forward: Op["forward"] = (y, [x]) => {
      x!.values.fill(0);
      y.fill(0);
    };
    expect(run(kernelWith({ forward }), checkKernel)).toThrow("input 0 after forward: element 0 is 0, wanted");
  });

  test("a kernel that adds to what it takes for zeros, or remembers", () => {
    let calls = 0;
    const forward: Op["forward"] = (y) => y.fill(++calls);
    expect(run(kernelWith({ forward }), checkKernel)).toThrow("the same computation again");
  });

  test("a kernel that is coarse in float32 only", () => {
    const op = sinWith({
      forward: (y, x) => {
        for (let i = 0; i < y.length; i++) y[i] = Math.sin(x[i]!) + (y instanceof Float32Array ? 1e-4 : 0);
      },
    });
    passes(op, checkFirst);
    expect(run(op, checkFloat32)).toThrow("result in float32");
  });

  test("a kernel whose last elements are computed in another way", () => {
    const op = sinWith({
      forward: (y, x) => {
        const blocks = y.length - (y.length % 4);
        for (let i = 0; i < y.length; i++) y[i] = i < blocks ? Math.sin(x[i]!) : Math.sin(x[i]!) * (1 + 2 ** -52);
      },
    });
    passes(op, checkFirst);
    expect(run(op, checkLanes)).toThrow("of 37 by itself");
  });
});

describe("wrong errors", () => {
  const refusing = (thrown: Error): Op => ({
    ...sinWith({}),
    shape: () => {
      throw thrown;
    },
  });
  const documented = { ...cases, errors: [{ inputs: [[2]], attrs: undefined, error: "wrong: a rule, got [2]" }] };

  test("none is thrown", () => {
    expect(() => checkErrors(sinWith({}), documented)).toThrow("is not refused by a TinygradError: undefined");
  });

  test("an untyped one is thrown", () => {
    expect(() => checkErrors(refusing(new TypeError("wrong: a rule, got [2]")), documented)).toThrow(
      "is not refused by",
    );
  });

  test("its text is another", () => {
    expect(() => checkErrors(refusing(new DTypeError("wrong", "a rule", "[3]")), documented)).toThrow(
      "is not in the message",
    );
    expect(() => checkErrors(refusing(new ShapeError("wrong", "a rule", "[2]")), documented)).not.toThrow();
  });
});
