import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { gradients, onesLike, type Tensor, tensor, zerosLike } from "../../src/index.ts";
import { decode, SafetensorsError } from "../../src/safetensors/index.ts";
import { adapterOf } from "./adapters.ts";
import { invoke, OutOfScope } from "./binding.ts";
import {
  badFiles,
  type EdgeCase,
  edgeCases,
  errorCases,
  expectedOf,
  type OpCase,
  OpValues,
  opCases,
  type TensorData,
  toExpected,
  toTensor,
} from "./cases.ts";
import { difference, type Expected, type Tolerance } from "./compare.ts";
import { departures, type Elements } from "./departures.ts";
import { evaluate, isPending } from "./expression.ts";
import { refusals } from "./refusals.ts";
import { Report } from "./report.ts";

const report = new Report();

/** One test per case, which counts how it went. A case out of scope is skipped, under its name. */
function conformanceTest(group: string, op: string, name: string, body: () => void): void {
  test(name, ({ skip }) => {
    try {
      body();
    } catch (error) {
      if (error instanceof OutOfScope) {
        report.add(group, op, "pending", error.message);
        skip(error.message);
      }
      report.add(group, op, "failed");
      throw error;
    }
    report.add(group, op, "passed");
  });
}

function check(what: string, actual: Tensor | null, expected: Expected | null, tolerance: Tolerance): void {
  const problem = difference(actual, expected, tolerance);
  if (problem !== null) expect.fail(`${what}: ${problem}`);
}

/** Gradients where a path exists, else null: also where no output has one. */
function vjp(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  createGraph = false,
) {
  const live = outputs.map((_, i) => i).filter((i) => outputs[i]!.requiresGrad);
  if (live.length === 0) return inputs.map(() => null);
  const roots = live.map((i) => outputs[i]!);
  return gradients(roots, inputs, { cotangents: live.map((i) => cotangents[i]!), createGraph, allowUnused: true });
}

describe("ordinary cases of PyTorch's operators", () => {
  for (const c of opCases) {
    const name = c.variant === "" ? c.op : `${c.op}.${c.variant}`;
    conformanceTest("op", name, c.id, () => runOpCase(c));
  }
});

function runOpCase(c: OpCase): void {
  const adapter = adapterOf(c.op, c.variant);
  if (isPending(adapter)) throw new OutOfScope(adapter.pending);
  const values = new OpValues();
  const args = [c.input, ...c.args].map((v) => values.decode(v));
  const kwargs = Object.fromEntries(Object.entries(c.kwargs).map(([key, v]) => [key, values.decode(v)]));
  const outputs = invoke(adapter, args, kwargs);
  expect(outputs.length, "number of outputs").toBe(c.outputs.length);
  outputs.forEach((y, i) => {
    const expected = expectedOf(c.outputs[i]);
    check(`output ${i}`, y, expected, { relative: 1e-12, absolute: rounding([expected]) });
  });
  const keys = Object.keys(c.grads);
  const given = Object.keys(c.cotangents).map(Number);
  const cotangents = given.map((i) => values.decode(c.cotangents[i]) as Tensor);
  const found = vjp(
    given.map((i) => outputs[i]!),
    keys.map((key) => values.leaf(key)),
    cotangents,
  );
  const seeds = given.map((i) => expectedOf(c.cotangents[i]));
  keys.forEach((key, i) => {
    const expected = expectedOf(c.grads[key]);
    check(`gradient of ${key}`, found[i]!, expected, { relative: 1e-11, absolute: rounding([expected, ...seeds]) });
  });
}

/**
 * What rounding alone may put between two right answers: 16 units in the last place of the largest number involved. An element may be
 * what is left of cancellation (log p or p − 1 for a probability near 1, a gradient that is mathematically 0): there PyTorch's own value
 * has no digit below that, and a bound relative to the element would test its rounding errors. Edge cases of elementwise functions, where
 * no two elements can cancel, are met to the relative bound alone.
 */
function rounding(involved: readonly (Expected | null)[], least = 0): number {
  let largest = least;
  for (const expected of involved) {
    for (const v of Array.from(expected?.values ?? [])) {
      if (Math.abs(v) < Number.POSITIVE_INFINITY) largest = Math.max(largest, Math.abs(v));
    }
  }
  return 16 * Number.EPSILON * largest;
}

describe("edge cases", () => {
  for (const c of edgeCases) conformanceTest("edge", c.id, `${c.id}: ${c.expr}`, () => runEdgeCase(c));
});

/** The reference values of a case, with what is replaced on purpose. */
function expectations(c: EdgeCase, part: "grads" | "grads2"): [string, Expected | null][] {
  return Object.entries(c[part] ?? {}).map(([name, json]) => {
    const elements = departures[c.id]?.[part]?.[name];
    if (json === null && elements === undefined) return [name, null];
    return [name, toExpected(replace(json ?? c.inputs[name]!, elements))];
  });
}

function replace(json: TensorData, elements: Elements = {}): TensorData {
  return { ...json, data: json.data.map((v, i) => elements[i] ?? v) };
}

function runEdgeCase(c: EdgeCase): void {
  const inputs = tensorsOf(c.inputs);
  for (const x of Object.values(inputs)) x.requiresGrad = true;
  const y = evaluate(c.expr, { ...inputs, ...tensorsOf(c.consts ?? {}) });
  const relative = y.dtype === "float32" ? [1e-6, 1e-6] : [1e-12, 1e-11];
  const isElementwise = c.lane_independent !== undefined;
  const slack = (expected: Expected | null, least = 0): number => (isElementwise ? 0 : rounding([expected], least));
  const wanted = replace(c.forward, departures[c.id]?.forward);
  const forward = toExpected(wanted);
  check("forward", y, forward, {
    relative: relative[0]!,
    absolute: slack(forward),
    zeroSign: wanted.data.includes("-0"),
  });
  if (isElementwise) checkLanes(c, y);

  const leaves = Object.values(inputs);
  const names = Object.keys(inputs);
  const first = vjp([y], leaves, [onesLike(y)], c.grads2 !== undefined);
  for (const [name, expected] of expectations(c, "grads")) {
    const tolerance = { relative: relative[1]!, absolute: slack(expected, 1) };
    check(`gradient of ${name}`, first[names.indexOf(name)]!, expected, tolerance);
  }
  if (c.grads2 === undefined) return;
  const roots = first.filter((g) => g !== null);
  const second = vjp(
    roots,
    leaves,
    roots.map((g) => onesLike(g)),
  );
  for (const [name, expected] of expectations(c, "grads2")) {
    const i = names.indexOf(name);
    // A first gradient that is a constant has no path back here; PyTorch's op for it may have one, with zeros.
    const found = second[i] ?? (expected === null ? null : zerosLike(leaves[i]!).detach());
    check(`second gradient of ${name}`, found, expected, { relative: relative[1]!, absolute: slack(expected, 1) });
  }
}

function tensorsOf(json: Readonly<Record<string, TensorData>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(json).map(([name, data]) => [name, toTensor(data)]));
}

/** An elementwise op gives the same bits for an element wherever it lies: alone, and at each place of 37. */
function checkLanes(c: EdgeCase, y: Tensor): void {
  const whole = y.data;
  for (let i = 0; i < whole.length; i++) {
    for (const length of [1, 37]) {
      const copies = Object.entries(c.inputs).map(([name, { data, dtype }]) => {
        const json = {
          shape: [length],
          data: new Array(length).fill(data[i]!),
          ...(dtype === undefined ? {} : { dtype }),
        };
        return [name, toTensor(json)] as const;
      });
      for (const v of evaluate(c.expr, Object.fromEntries(copies)).data) {
        expect(Object.is(v, whole[i]), `element ${i} at length ${length}: ${v} and ${whole[i]}`).toBe(true);
      }
    }
  }
}

describe("calls that PyTorch refuses", () => {
  for (const { id, code } of errorCases) {
    conformanceTest("error", id, `${id}: ${code.split("\n")[0]}`, () => {
      const entry = refusals[id];
      if (entry === undefined) throw new OutOfScope("no adapter");
      if (isPending(entry)) throw new OutOfScope(entry.pending);
      if ("works" in entry) return expect(entry.call(), entry.works).toEqual(entry.gives);
      let thrown: unknown;
      try {
        entry.call();
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(entry.error);
      expect((thrown as Error).message).toContain(entry.text);
    });
  }
});

describe("files for a safetensors parser", () => {
  for (const { id, expect: wanted, code, base64 } of badFiles) {
    conformanceTest("file", wanted, id, () => {
      const read = (): unknown => decode(Buffer.from(base64, "base64"));
      if (wanted === "accept") {
        expect(read()).toBeInstanceOf(Map);
        return;
      }
      expect(read).toThrow(SafetensorsError);
      expect(read).toThrow(expect.objectContaining({ code }));
    });
  }
});

// Others measure more cases, with pending ones of their own.
test.skipIf(process.env["CONFORMANCE_DIR"] !== undefined)("nothing is pending but what is out of scope", () => {
  expect(report.pending()).toEqual({
    "op: nn.functional._scaled_dot_product_attention: random: PyTorch's generator is not this library's": 3,
    "op: nn.functional.hardsigmoid: PyTorch 1.13 has 1/6 in float32 only in its gradient": 1,
    "op: norm.nuc: the nuclear norm needs singular values": 1,
    "edge: det_singular: torch.det: linear algebra beyond products and norms is out of scope": 1,
  });
});

describe("adapters of ops that no case here has, by what PyTorch gives", () => {
  const file = new URL("../fixtures/pytorch/windows.json", import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly cases: readonly {
      readonly kind: string;
      readonly args: Readonly<Record<string, number | number[] | string | boolean>>;
      readonly x: TensorData;
      readonly y: TensorData;
    }[];
  };
  const namesOf: Readonly<Record<string, string>> = {
    ...{ kernel: "kernel_size", scaleFactor: "scale_factor", alignCorners: "align_corners" },
  };
  const own = cases.filter(({ kind }) => ["interpolate", "fold", "unfold"].includes(kind));
  test.each(own.map((c, i) => [i, c.kind, JSON.stringify(c.args), c] as const))("%i: %s %s", (_, kind, __, c) => {
    const kwargs = Object.entries(c.args).flatMap(([name, value]) => {
      if (name === "axes") return [];
      if (name === "size" && kind === "fold") return [["output_size", value] as const];
      return [[namesOf[name] ?? name, value] as const];
    });
    const adapter = adapterOf(`nn.functional.${kind}`);
    if (isPending(adapter)) return expect.fail(adapter.pending);
    const [y] = invoke(adapter, [toTensor(c.x)], Object.fromEntries(kwargs));
    const expected = toExpected(c.y);
    check("output", y!, expected, { relative: 1e-12, absolute: rounding([expected]) });
  });

  test.each([
    ["pixel_shuffle", [1, 4, 1, 2], [2], [1, 1, 2, 4], [0, 2, 1, 3, 4, 6, 5, 7]],
    ["pixel_unshuffle", [1, 1, 2, 4], [2], [1, 4, 1, 2], [0, 2, 1, 3, 4, 6, 5, 7]],
    ["upsample_nearest", [1, 1, 1, 2], [null, 2], [1, 1, 2, 4], [0, 0, 1, 1, 0, 0, 1, 1]],
    ["upsample_bilinear", [1, 1, 1, 2], [[1, 3]], [1, 1, 1, 3], [0, 0.5, 1]],
  ])("%s", (name, given, args, shape, values) => {
    const adapter = adapterOf(`nn.functional.${name}`);
    if (isPending(adapter)) return expect.fail(adapter.pending);
    const x = tensor(Float64Array.from({ length: given.reduce((a, b) => a * b) }, (_, i) => i)).reshape(given);
    const [y] = invoke(adapter, [x, ...args], {});
    expect([y!.shape, [...y!.data]]).toEqual([shape, values]);
  });
});

describe("the comparison itself", () => {
  const expected = (values: number[]): Expected => ({ shape: [values.length], dtype: "float64", values });
  const got = (values: number[]): Tensor => tensor(Float64Array.from(values));
  const exact = { relative: 1e-12 };

  test.each([
    ["a wrong value", [1], [1 + 1e-11]],
    ["a small value that is not 0", [1e-300], [0]],
    ["a value where NaN is due", [0], [Number.NaN]],
    ["NaN where a value is due", [Number.NaN], [0]],
    ["infinity for NaN", [Number.POSITIVE_INFINITY], [Number.NaN]],
    ["infinity of the wrong sign", [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY]],
    ["infinity for a large value", [Number.POSITIVE_INFINITY], [Number.MAX_VALUE]],
    ["a large value for infinity", [Number.MAX_VALUE], [Number.POSITIVE_INFINITY]],
    ["another shape", [1, 1], [1]],
  ])("refuses %s", (_, actual, wanted) => {
    expect(difference(got(actual), expected(wanted), exact)).not.toBeNull();
  });

  test("refuses a zero of the wrong sign where the sign is asked for, and only there", () => {
    expect(difference(got([0]), expected([-0]), { ...exact, zeroSign: true })).toBe("0 at element 0, expected -0");
    expect(difference(got([0]), expected([-0]), exact)).toBeNull();
  });

  test("refuses another dtype, and null for a tensor", () => {
    expect(difference(got([1]).to("float32"), expected([1]), exact)).toBe("dtype float32, expected float64");
    expect(difference(null, expected([1]), exact)).toContain("null");
    expect(difference(got([1]), null, exact)).toContain("expected null");
    expect(difference(null, null, exact)).toBeNull();
  });

  test("takes what differs by rounding alone", () => {
    const values = [1, -3e200, Number.NaN, Number.NEGATIVE_INFINITY, 0];
    expect(
      difference(
        got([1 + 2e-16, -3e200 * (1 + 1e-15), Number.NaN, Number.NEGATIVE_INFINITY, 0]),
        expected(values),
        exact,
      ),
    ).toBeNull();
  });

  test("an argument that an adapter does not know or does not use is an error", () => {
    const ignores = {
      signature: "input, other=None",
      call: (p: { tensor(name: string): Tensor }) => p.tensor("input"),
    };
    expect(() => invoke(ignores, [got([1]), 2], {})).toThrow("the adapter ignores other");
    expect(() => invoke(ignores, [got([1])], { wrong: 1 })).toThrow("argument wrong is not in (input, other=None)");
    expect(() => invoke(ignores, [got([1]), null, 3], {})).toThrow("3 arguments for");
  });
});

afterAll(() => {
  console.log(`\n${report}\n`);
});
