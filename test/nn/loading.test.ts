import vm from "node:vm";
import { describe, expect, test } from "vitest";
import {
  Adam,
  EMA,
  Layer,
  LBFGS,
  Linear,
  mlp,
  ones,
  ReduceOnPlateau,
  Schedule,
  Sequential,
  SGD,
  StateError,
  stepDecay,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import { decode, encode } from "../../src/safetensors/index.ts";
import { batches, TensorDataset } from "../../src/train/index.ts";

// What loadStateDict says of things that are no state, and of states that do not fit.

const bytes = encode(new Linear(2, 3).stateDict());
const decodeFirst = "decode the bytes first: decode(bytes)";
const passState = "pass other.stateDict()";
const passAny = "pass model.stateDict(), or decode(bytes) of a file";

const noStates: [kind: string, state: unknown, got: string, hint: string][] = [
  ["a Uint8Array", bytes, "a Uint8Array", decodeFirst],
  ["an ArrayBuffer", bytes.buffer, "an ArrayBuffer", decodeFirst],
  ["a SharedArrayBuffer", new SharedArrayBuffer(8), "a SharedArrayBuffer", decodeFirst],
  ["a Buffer", Buffer.from(bytes), "a Buffer", decodeFirst],
  ["a DataView", new DataView(bytes.buffer), "a DataView", decodeFirst],
  ["bytes of another realm", vm.runInNewContext("new Uint8Array(9)"), "a Uint8Array", decodeFirst],
  ["numbers", new Float32Array(6), "a Float32Array", passAny],
  ["arrays", [[1, 2], [3, 4]], "an array", passAny], // biome-ignore format: one line each
  ["nothing", undefined, "undefined", passAny],
  ["null", null, "null", passAny],
  ["a number", 3, "3", passAny],
  ["a path", "model.safetensors", '"model.safetensors", a string', passAny],
  ["a promise", Promise.resolve(new Map()), "a promise", "await it first"],
  ["a model", new Linear(2, 3), "a Linear", passState],
  ["an optimizer", new SGD(new Linear(2, 3).parameters(), { lr: 1 }), "an? \\w+", passState],
  ["a tensor", ones([1]), "a tensor float32[1]", passAny],
  ["a set", new Set(), "a Set", passAny],
  ["what makes a state", () => new Map(), "a function", passAny],
];

const x = tensor([1, 2], { requiresGrad: true });
const loaders: [name: string, { stateDict(): Map<string, Tensor>; loadStateDict(state: never): void }][] = [
  ["Linear(2, 3)", new Linear(2, 3)],
  ["Adam", new Adam([x])],
  ["LBFGS", new LBFGS([x])],
  ["EMA", new EMA(new Linear(2, 3))],
  ["Schedule", new Schedule(new SGD([x], { lr: 1 }), stepDecay(3))],
  ["ReduceOnPlateau", new ReduceOnPlateau(new SGD([x], { lr: 1 }))],
  ["Batches", batches(new TensorDataset(zeros([4, 1]), zeros([4, 1])), { batchSize: 2 })],
];

function errorOf(run: () => unknown): StateError {
  try {
    run();
  } catch (error) {
    if (error instanceof StateError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** The values of a state, to compare. */
const valuesOf = (owner: { stateDict(): Map<string, Tensor> }): unknown => JSON.stringify(owner.stateDict());

describe.each(loaders)("%s", (name, owner) => {
  test.each(noStates)("refuses %s", (_, state, got, hint) => {
    const before = valuesOf(owner);
    const error = errorOf(() => owner.loadStateDict(state as never));
    expect(error.op).toBe(`${name}.loadStateDict`);
    expect(error.rule).toBe("a state is tensors by name, in a Map or an object");
    if (got.startsWith("an?")) expect(error.got).toMatch(new RegExp(`^${got}$`));
    else expect(error.got).toBe(got);
    expect(error.hint).toBe(hint);
    expect(valuesOf(owner)).toBe(before);
  });

  test("refuses its own names with other things than tensors, and loads nothing", () => {
    const before = valuesOf(owner);
    const wrap = "nothing was loaded; wrap arrays in tensor(…)";
    for (const [make, hint] of [
      [(t: Tensor) => t.toArray(), wrap],
      [(t: Tensor) => t.data, wrap],
      [
        (t: Tensor) => structuredClone(t.toJSON()),
        "nothing was loaded; of JSON, make each a tensor again: tensor(values, { dtype })",
      ],
    ] as const) {
      const state = new Map([...owner.stateDict()].map(([key, t]) => [key, make(t)]));
      const error = errorOf(() => owner.loadStateDict(state as never));
      expect(error.rule).toBe("the state must fit");
      expect(error.hint).toBe(hint);
      expect(error.message.length).toBeLessThan(1200);
    }
    expect(valuesOf(owner)).toBe(before);
  });

  test("takes its state from a Map, an object, and a Map of another realm", () => {
    const [state, before] = [owner.stateDict(), valuesOf(owner)];
    const foreign = vm.runInNewContext("new Map(entries)", { entries: [...state] }) as Map<string, Tensor>;
    expect(foreign).not.toBeInstanceOf(Map);
    for (const one of [state, Object.fromEntries(state), foreign]) owner.loadStateDict(one as never);
    expect(valuesOf(owner)).toBe(before);
  });
});

test("says of arrays what stands where", () => {
  const state = { weight: [[1, 2]], bias: new Float32Array(3) } as never;
  expect(() => new Linear(2, 3).loadStateDict(state)).toThrow(
    "Linear(2, 3).loadStateDict: the state must fit, got weight is an array instead of float32[3, 2], " +
      "bias is a Float32Array instead of float32[3]; nothing was loaded; wrap arrays in tensor(…)",
  );
});

test.each([[[0, 0, 0]], [null], [0], ["0"]])("an entry that is no tensor is refused: %j", (bias) => {
  const layer = new Linear(2, 3);
  const before = valuesOf(layer);
  const error = errorOf(() => layer.loadStateDict({ weight: ones([3, 2]), bias } as never));
  expect(error.got).toMatch(/^bias is .+ instead of float32\[3\]$/);
  expect(valuesOf(layer)).toBe(before);
});

test("an entry that is undefined is missing", () => {
  const state = { weight: ones([3, 2]), bias: undefined } as never;
  expect(() => new Linear(2, 3).loadStateDict(state)).toThrow("got bias is missing; nothing was loaded");
});

test("another model's state, however large, is told by a few names of each kind", () => {
  const large = new Sequential(...Array.from({ length: 64 }, () => new Linear(2, 2)));
  const prefixed = new Map([...large.stateDict()].map(([name, t]) => [`model.${name}`, t]));
  expect(errorOf(() => large.loadStateDict(prefixed)).got).toBe(
    "layers.0.weight is missing, layers.0.bias is missing, layers.1.weight is missing, " +
      "model.layers.0.weight is unexpected, model.layers.0.bias is unexpected, and 251 more",
  );
  const small = mlp([2, 2, 2]);
  const { got } = errorOf(() => small.loadStateDict(large.stateDict()));
  expect(got).toMatch(/^(layers\S+ is unexpected, ){5}and 119 more$/);
});

test("long names, and names that are none, are cut", () => {
  const state = new Map<unknown, unknown>([["x".repeat(1e5), 1], [Symbol("s"), 1], [{}, 1]]); // biome-ignore format: short
  const { message } = errorOf(() => new Linear(2, 3).loadStateDict(state as never));
  expect(message.length).toBeLessThan(400);
  expect(message).toContain("an object is unexpected");
});

describe("a tensor with two names", () => {
  class Tied extends Layer {
    readonly a: Tensor;
    readonly b: Tensor;
    constructor(values: number[]) {
      super();
      this.a = tensor(values, { requiresGrad: true });
      this.b = this.a;
    }
    forward(input: Tensor): Tensor {
      return input.mul(this.a);
    }
  }

  test("takes equal values, of NaN and −0 too", () => {
    const layer = new Tied([1, 2, 3]);
    layer.loadStateDict({ a: tensor([Number.NaN, -0, 5]), b: tensor([Number.NaN, -0, 5]) });
    expect(layer.a.toArray()).toEqual([Number.NaN, -0, 5]);
    const copy = new Tied([0, 0, 0]);
    copy.loadStateDict(decode(encode(layer.stateDict())));
    expect(copy.b.toArray()).toEqual([Number.NaN, -0, 5]);
  });

  test.each([
    [
      [1, 2, 4],
      [1, 2, 3],
    ],
    [
      [0, 2, 3],
      [-0, 2, 3],
    ],
    [
      [Number.NaN, 2, 3],
      [1, 2, 3],
    ],
  ])("refuses %j and %j, and loads nothing", (a, b) => {
    // biome-ignore format: short
    const layer = new Tied([7, 8, 9]);
    expect(() => layer.loadStateDict({ a: tensor(a), b: tensor(b) })).toThrow(
      "got b has other values than a, which is the same tensor here; nothing was loaded",
    );
    expect(layer.a.toArray()).toEqual([7, 8, 9]);
  });
});

test.each(["float32", "float64"] as const)("a state of the other floats is converted to %s", (dtype) => {
  const other = dtype === "float32" ? "float64" : "float32";
  const [here, there] = [new Linear(2, 3, { dtype }), new Linear(2, 3, { dtype: other })];
  here.loadStateDict(there.stateDict());
  for (const [name, x] of here.stateDict()) {
    expect(x.dtype).toBe(dtype);
    expect(x.toArray()).toEqual(there.stateDict().get(name)!.to(dtype).toArray());
  }
  const large = { weight: ones([3, 2], { dtype: other }).mul(1e300), bias: ones([3]) };
  if (dtype === "float32") {
    expect(() => here.loadStateDict(large)).toThrow(
      "got weight has values that float32 does not hold; nothing was loaded",
    );
  }
  here.loadStateDict({ ...Object.fromEntries(here.stateDict()), bias: ones([3], { dtype: other }) });
  expect([here.bias!.dtype, here.bias!.toArray()]).toEqual([dtype, [1, 1, 1]]);
});
