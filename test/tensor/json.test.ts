import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  Adam,
  cosine,
  type DType,
  EMA,
  Generator,
  LBFGS,
  Linear,
  mlp,
  type NestedJson,
  ones,
  Schedule,
  SGD,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import { decode, encode } from "../../src/safetensors/index.ts";

// What JSON.stringify says of tensors and of maps of them.

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

test.each<[data: number[] | number[][] | number | boolean[], dtype: DType, text: string]>([
  [3, "float64", '{"dtype":"float64","shape":[],"values":3}'],
  [[[1, 2], [3, 4]], "int32", '{"dtype":"int32","shape":[2,2],"values":[[1,2],[3,4]]}'], // biome-ignore format: a line each
  [[true, false], "bool", '{"dtype":"bool","shape":[2],"values":[true,false]}'],
  [[nan, infinity, -infinity, -0, 0], "float32", '{"dtype":"float32","shape":[5],"values":["NaN","Infinity","-Infinity","-0",0]}'], // biome-ignore format: a line each
  [[], "float32", '{"dtype":"float32","shape":[0],"values":[]}'],
  [[[], []], "float32", '{"dtype":"float32","shape":[2,0],"values":[[],[]]}'],
])("a tensor of %j as %s", (data, dtype, text) => {
  expect(JSON.stringify(tensor(data, { dtype }))).toBe(text);
});

test("the text gives the values again, to the bit", () => {
  const x = tensor([[nan, -0, 0.1], [infinity, -infinity, 1e-45]]); // biome-ignore format: a line
  const { values, dtype, shape } = JSON.parse(JSON.stringify(x)) as ReturnType<Tensor["toJSON"]>;
  const numbers = (v: NestedJson): never => (Array.isArray(v) ? v.map(numbers) : Number(v)) as never;
  const again = tensor(numbers(values), { dtype });
  expect(again.shape).toEqual(shape);
  expect([...again.data].every((v, i) => Object.is(v, x.data[i]))).toBe(true);
});

test("results, parameters and gradients are said as values", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.mul(x);
  y.sum().backward();
  expect(JSON.stringify({ y, grad: x.grad })).toBe(
    '{"y":{"dtype":"float32","shape":[2],"values":[1,4]},"grad":{"dtype":"float32","shape":[2],"values":[2,4]}}',
  );
});

test("maps of tensors are said by name", () => {
  const model = new Linear(1, 1);
  model.weight.assign([[2]]);
  model.bias!.assign([3]);
  const text =
    '{"weight":{"dtype":"float32","shape":[1,1],"values":[[2]]},"bias":{"dtype":"float32","shape":[1],"values":[3]}}';
  const state = model.stateDict();
  for (const map of [state, decode(encode(state)), model.namedParameters()]) expect(JSON.stringify(map)).toBe(text);
  expect(Object.keys(JSON.parse(JSON.stringify(mlp([1, 2, 1]).stateDict())))).toHaveLength(4);
  const optimizer = new SGD(model.parameters(), { lr: 0.5 });
  expect(JSON.parse(JSON.stringify(optimizer.stateDict()))["groups.0.lr"].values).toBe(0.5);
});

test("a map that was changed is said as it is, and is a Map like any other", () => {
  const state = new Linear(1, 1).stateDict();
  state.delete("bias");
  state.set("__proto__", zeros([1]));
  expect(JSON.stringify(state)).toMatch(/^\{"weight":\{.*\},"__proto__":\{.*\}\}$/);
  expect(state).toStrictEqual(new Map(state));
  expect(Object.keys(state)).toEqual([]);
});

test("inside of a compiled function it is refused as toArray is", () => {
  const messages = ([(x: Tensor) => JSON.stringify(x), (x: Tensor) => x.toArray()] as const).map((read) => {
    const step = compile((x: Tensor) => {
      const y = x.mul(2);
      read(y);
      return y;
    });
    try {
      step(ones([2]));
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  });
  expect(messages[0]).toContain("values must not be read");
  expect(messages[0]).toBe(messages[1]);
});

test("optimizers, schedules, averages and generators say what their toString says", () => {
  const model = new Linear(2, 1);
  const optimizer = new SGD(model.parameters(), { lr: 0.5, momentum: 0.9 });
  const all = [optimizer, new Adam([{ params: [model.weight], lr: 0.5 }]), new LBFGS(model.parameters())];
  for (const one of [...all, new EMA(model), new Schedule(optimizer, cosine(3)), new Generator(3)]) {
    const text = JSON.parse(JSON.stringify(one));
    expect(text).toBe(String(one));
    expect(text.startsWith(`${one.constructor.name}(`)).toBe(true);
  }
  expect(JSON.stringify({ optimizer })).toBe('{"optimizer":"SGD(2 parameters, lr 0.5)"}');
});
