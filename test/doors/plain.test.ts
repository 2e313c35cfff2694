import { describe, expect, test } from "vitest";
import * as t from "../../src/index.ts";
import { fromJSON } from "../../src/model/index.ts";
import { saveModel } from "../../src/node/index.ts";
import { predict } from "../../src/train/index.ts";

// What programs in plain JavaScript do to tensors, layers and optimizers, and the whole text of the error that they get.

// biome-ignore lint/suspicious/noExplicitAny: calls that TypeScript refuses
type Anything = any;
const tg = t as Anything;
const x: Anything = t.tensor([[1, 2], [3, 4]]); // biome-ignore format: a matrix
const v: Anything = t.tensor([1, 2, 3]);
const leaf = (): Anything => t.tensor([1, 2], { requiresGrad: true });
const frozen = (): Anything => Object.freeze(leaf());
const linear = (): Anything => new t.Linear(2, 2);
const image = { data: new Uint8Array([1]), width: 1, height: 1 };

/** An array whose buffer was transferred away. */
function detached(): Float32Array {
  const array = new Float32Array([1, 2]);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

/** A model with something done to it by hand. */
function changed(make: () => Anything, change: (model: Anything) => void): Anything {
  const model = make();
  change(model);
  return model;
}
const sequential = (change: (model: Anything) => void): Anything =>
  changed(() => new t.Sequential(linear()), change).forward(x);
const parallel = (change: (model: Anything) => void): Anything =>
  changed(() => new t.Parallel([linear()]), change).forward(x);
const residual = (change: (model: Anything) => void): Anything =>
  changed(() => new t.Residual(linear()), change).forward(x);

class Bare {
  forward(input: t.Tensor): t.Tensor {
    return input;
  }
}
const unbound = "forward: must be called on a layer, got undefined; write (x) => layer.forward(x)";
const shape = "a shape is an array of whole numbers, 0 or more";
const gone =
  "the array must still have its elements, got one whose buffer is gone; copy it before its buffer is transferred or resized";
const generator = "got a generator function, which runs only when looped over";
const icy = "tensors and layers must not be frozen, got one; leave out Object.freeze";
const extending = "write class … extends Layer { forward(x) { … } }";
const json = "what postMessage, structuredClone or JSON left of a tensor (send its data and shape)";
const copy = "a Proxy or copy of a tensor, or a tensor of another version of the package";

const rows: readonly (readonly [part: string, call: () => unknown, text: string])[] = [
  ["arrays without a buffer", () => t.tensor(detached()), `tensor: ${gone}`],
  ["arrays without a buffer", () => t.tensor([detached()]), `tensor: ${gone}`],
  ["arrays without a buffer", () => v.assign(detached()), `assign: ${gone}`],

  ["generators", () => t.noGrad(function* () { yield x; }), `noGrad: needs a function, ${generator}; write noGrad(() => …)`],
  ["generators", () => t.noGrad(async function* () { yield await x; }), `noGrad: needs a function, ${generator}; write noGrad(() => …)`],
  ["generators", () => new tg.Sequential(function* () { yield x; }), `Lambda: fn must be a function, ${generator}`],

  ["settings", () => t.toPixels(x, { scale: 255 }), "toPixels: scale is what bytes are multiplied by, got 255; write { scale: 1 / 255 }"],
  ["settings", () => t.fromPixels(image, { scale: 255 }), "fromPixels: scale is what bytes are multiplied by, got 255; write { scale: 1 / 255 }"],
  ["settings", () => new t.BatchNorm1d(2, { eps: -1 }), "BatchNorm1d: eps must be a number, 0 or more, got -1"],
  ["settings", () => new t.LayerNorm(2, { eps: -1 }), "LayerNorm: eps must be a number, 0 or more, got -1"],
  ["settings", () => new t.RMSNorm(2, { eps: -1 }), "RMSNorm: eps must be a number, 0 or more, got -1"],
  ["settings", () => new t.GroupNorm(1, 2, { eps: -1 }), "GroupNorm: eps must be a number, 0 or more, got -1"],
  ["settings", () => new t.Hardtanh(1, -1), "Hardtanh: min must be below max, got 1 and -1"],

  ["arguments behind the options", () => tg.tensor([1], {}, 5), "tensor: takes no argument 3, got 5; leave it out"],
  ["arguments behind the options", () => tg.zeros([2], {}, 5), "zeros: takes no argument 3, got 5; leave it out"],
  ["arguments behind the options", () => tg.ones([2], {}, 5), "ones: takes no argument 3, got 5; leave it out"],
  ["arguments behind the options", () => tg.full([2], 1, {}, 5), "full: takes no argument 4, got 5; leave it out"],
  ["arguments behind the options", () => tg.rand([2], {}, 5), "rand: takes no argument 3, got 5; leave it out"],
  ["arguments behind the options", () => tg.randn([2], {}, 5), "randn: takes no argument 3, got 5; leave it out"],
  ["arguments behind the options", () => tg.randint(0, 2, [2], {}, 5), "randint: takes no argument 5, got 5; leave it out"],
  ["arguments behind the options", () => new tg.Linear(2, 2, {}, 5), "Linear: takes no argument 4, got 5; leave it out"],
  ["arguments behind the options", () => linear().forward(x, 5), "Linear: takes no argument 2, got 5; leave it out"],
  ["arguments behind the options", () => new tg.Sequential(linear()).forward(x, 5), "Sequential: takes no argument 2, got 5; leave it out"],

  ["layers changed by hand", () => sequential((s) => s.layers.push(t.relu)), "Sequential: layers[1] must be a layer, got a function; write new Lambda(…) around a function"],
  ["layers changed by hand", () => sequential((s) => s.layers.push(t.ReLU)), "Sequential: layers[1] must be a layer, got the class ReLU; write new ReLU(…)"],
  ["layers changed by hand", () => sequential((s) => s.layers.push("x")), 'Sequential: layers[1] must be a layer, got "x", a string'],
  ["layers changed by hand", () => sequential((s) => { s.layers[3] = linear(); }), "Sequential: layers[1] must be a layer, got undefined"],
  ["layers changed by hand", () => sequential((s) => { s.layers = null; }), "Sequential: layers must be an array of layers, got null"],
  ["layers changed by hand", () => parallel((p) => p.layers.push(t.relu)), "Parallel: layers[1] must be a layer, got a function; write new Lambda(…) around a function"],
  ["layers changed by hand", () => residual((r) => { r.inner = null; }), "Residual: needs a layer, got null"],
  ["layers changed by hand", () => residual((r) => { r.projection = t.relu; }), "Residual: needs a layer, got a function"],

  ["methods without their object", () => [x].map(linear().forward), unbound],
  ["methods without their object", () => [x].map(new tg.Sequential(linear()).forward), unbound],
  ["methods without their object", () => [x].map(new tg.ReLU().forward), unbound],
  ["methods without their object", () => { const { forward } = linear(); forward(x); }, unbound],

  ["optimizers", () => { class Own extends tg.Optimizer {} new (Own as Anything)([leaf()], { lr: 1 }); }, "Optimizer: needs a name, parameters and defaults, got an array; write super(name, params, { lr }, options)"],
  ["optimizers", () => new tg.Optimizer(), "Optimizer: needs a name, parameters and defaults, got undefined; write super(name, params, { lr }, options)"],
  ["optimizers", () => new tg.SGD([{ parameters: [leaf()] }], { lr: 1 }), "SGD: parameters must be distinct leaves with requiresGrad, got an object; call them params"],
  ["optimizers", () => new tg.SGD({ lr: 1 }, [leaf()]), "SGD: options must be an object, got an array; write new SGD(parameters, { lr: 0.01 })"],

  ["frozen tensors", () => frozen().assign([1, 2]), `assign: ${icy}`],
  ["frozen tensors", () => frozen().sum().backward(), `backward: ${icy}`],
  ["frozen tensors", () => { frozen().grad = null; }, `grad: ${icy}`],
  ["frozen tensors", () => { frozen().requiresGrad = false; }, `requiresGrad: ${icy}`],

  ["sizes one by one", () => tg.reshape(x, 2, 2), "reshape: takes no argument 3, got 2; write reshape(x, [2, 2])"],
  ["sizes one by one", () => tg.expand(x, 2, 2), "expand: takes no argument 3, got 2; write expand(x, [2, 2])"],
  ["sizes one by one", () => tg.permute(x, 1, 0), "permute: takes no argument 3, got 0; write permute(x, [1, 0])"],
  ["sizes one by one", () => tg.zeros(2, 3, 4), "zeros: takes no argument 3, got 4; write zeros([2, 3, 4])"],
  ["sizes one by one", () => tg.randint(0, 10, 3), `randint: ${shape}, got 3; write randint(0, 10, [3])`],
  ["sizes one by one", () => tg.full(3, [2]), `full: ${shape}, got 3; write full([2], 3)`],
  ["sizes one by one", () => tg.full(3, 7), `full: ${shape}, got 3; write full([3], value)`],
  ["sizes one by one", () => tg.reshape(x, [2.5, -1]), `reshape: ${shape}, got [2.5, -1]`],
  ["sizes one by one", () => v.slice(1, 3), "slice: at most one spec per axis, and one ellipsis, got 2 for [3]; a range is an array: write slice([1, 3])"],

  ["layers that extend nothing", () => new tg.Sequential(new Bare()), `Sequential: entry 0 must be a layer or a function, got a Bare; ${extending}`],
  ["layers that extend nothing", () => new tg.Sequential({ forward: t.relu }), `Sequential: entry 0 must be a layer or a function, got an object; ${extending}`],
  ["layers that extend nothing", () => predict(new Bare() as Anything, x), `predict: needs a layer, got a Bare; ${extending}`],

  ["what map passes", () => [[1], [2]].map(tg.tensor), "tensor: takes no argument 3, got an array; map passes the index, too: write xs.map((x) => tensor(x))"],
  ["what map passes", () => [1, 2].map(tg.zeros), "zeros: takes no argument 3, got an array; map passes the index, too: write xs.map((x) => zeros(x))"],
  ["what map passes", () => [x, x].map(tg.sum), "sum: options must be an object, got an array; if map passes it: write xs.map((x) => sum(x))"],

  ["axes", () => tg.sum(x, new Int32Array([0, 1])), "sum: axis must be an integer, or several in an array, got an Int32Array; write sum(x, [0, 1])"],
  ["axes", () => tg.flatten(x, { start: 1 }), "flatten: axis must be an integer from -2 to 1, got an object; write flatten(x, 1)"],
  ["axes", () => tg.variance(x, { correction: 0 }), "variance: axis must be an integer, or several in an array, got an object; options come after the axis: variance(x, undefined, { correction: 0 })"],

  ["values", () => t.tensor([1], { dtype: "int32" }).assign([1.5]), "assign: int32 holds whole numbers from −2³¹ to 2³¹ − 1, got 1.5 at index 0"],
  ["values", () => tg.pad(v, [[1, 1]], "0"), 'pad: the value must be a number, or "reflect", "replicate" or "circular", got "0", a string; write pad(x, widths, 0)'],
  ["values", () => tg.pad(v, [[1, 1]], "2"), 'pad: the value must be a number, or "reflect", "replicate" or "circular", got "2", a string; write pad(x, widths, 2)'],
  ["values", () => tg.pad(v, [[1, 1]], "constant"), 'pad: the value must be a number, or "reflect", "replicate" or "circular", got "constant", a string; write pad(x, widths, 0)'],
  ["values", () => tg.pad(v, [[1, 1]], null), 'pad: the value must be a number, or "reflect", "replicate" or "circular", got null; write pad(x, widths, 0)'],
  ["values", () => tg.pad(v, [1, 1]), "pad: at most one pair of widths per axis, got 2 for [3]; write pad(x, [[1, 1]])"],
  ["values", () => tg.maskedFill(v, v.gt(1), "3"), 'maskedFill: the value must be a number, or a tensor without axes, got "3", a string; pass the number itself: 3'],
  ["values", () => new tg.MinMaxScaler([0, 1]), "MinMaxScaler: features must be a whole number, 0 or more, got an array; write new MinMaxScaler(features, { low: 0, high: 1 })"],

  ["what is left of tensors", () => { const m = linear(); m.loadStateDict(JSON.parse(JSON.stringify(m.stateDict()))); }, `Linear(2, 2).loadStateDict: the state must fit, got weight is ${json} instead of float32[2, 2], bias is ${json} instead of float32[2]; nothing was loaded; of JSON, make each a tensor again: tensor(values, { dtype })`],
  ["what is left of tensors", () => tg.relu(Object.create(v)), `relu: input 0 must be a tensor, got ${copy}`],
  ["what is left of tensors", () => tg.relu(Object.assign(Object.create(t.Tensor.prototype), v)), `relu: input 0 must be a tensor, got ${copy}`],
  ["what is left of tensors", () => t.tensor(new Proxy(new Float32Array([1]), {})), "tensor: data must be numbers or booleans, got a Float32Array; keep it outside of reactive state (markRaw, shallowRef, $state.raw)"],

  ["arrays of tensors", () => tg.tensor([v, v]), "tensor: data must be numbers or booleans, got a tensor float32[3] at index 0; join tensors by stack([a, b])"],
  ["arrays of tensors", () => predict(linear(), [v, v] as Anything), "predict: data must be numbers or booleans, got a tensor float32[3] at index 0 of the inputs; join tensors by stack([a, b])"],

  ["names in JSON", () => fromJSON({ layer: "Lineer", arguments: [] }), 'fromJSON: this kind of layer is not known, got "Lineer", a string; did you mean Linear? Otherwise, name it in options.layers'],
  ["names in JSON", () => fromJSON({ layer: "Sequential", arguments: [{ function: "reluu" }] }), 'fromJSON: this function is not known, got "reluu", a string; did you mean relu? Otherwise, name it in options.functions'],

  ["backward", () => leaf().sum().backward({ retainGraph: true }), "backward: the cotangent must be a tensor, got an object; leave it out: nothing is freed, so backward may run again"],
]; // biome-ignore format: a row each

describe.each([...new Set(rows.map(([part]) => part))])("%s", (part) => {
  const own = rows
    .filter((row) => row[0] === part)
    .map(([, call, text]) => ({ name: call.toString().slice(6), call, text }));
  test.each(own)("$name", ({ call, text }) => {
    let error: unknown;
    try {
      call();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(t.TinygradError);
    expect((error as Error).message).toBe(text);
  });
});

test("a file in a folder that there is not is refused by the path that was given", async () => {
  const error = await saveModel("/no such folder/a", linear()).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "ENOENT" });
  expect((error as Error).message).toBe(
    "saveModel: the folder must exist, got /no such folder/a, where /no such folder does not exist; make it first: mkdir",
  );
});

test("what is empty is still read, and so is what was mapped by a function of its own", () => {
  expect(t.tensor(new Float32Array(0)).shape).toEqual([0]);
  expect(t.tensor(new Float32Array(new ArrayBuffer(8), 8)).shape).toEqual([0]);
  expect([[1], [2]].map((row) => t.tensor(row))).toHaveLength(2);
  expect(t.rmsNorm(x, 2, { eps: 0 }).shape).toEqual([2, 2]);
});
