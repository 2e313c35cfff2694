// Right programs about values that may be absent, several, mutable, read-only or from elsewhere.
import {
  type Axes,
  add,
  argmax,
  cat,
  flatten,
  full,
  type LossOptions,
  matmul,
  max,
  mean,
  mlp,
  mse,
  oneHot,
  ones,
  permute,
  type ReduceOptions,
  randn,
  reshape,
  type Shape,
  slice,
  softmax,
  squeeze,
  stack,
  sum,
  type Tensor,
  type TensorData,
  tensor,
  transpose,
  unsqueeze,
  where,
  zeros,
} from "tinygrad-ts";

function reduced(x: Tensor, axis?: 0 | 1): Tensor {
  return x.sum(axis);
}
function kept(x: Tensor<[2, 3]>, axis: 0 | 1 | undefined, options?: ReduceOptions): Tensor {
  return sum(x, axis, options);
}
function flags(x: Tensor<[2, 3]>, keepDims: boolean): Tensor {
  return x.mean(0, { keepDims });
}
function shaped(shape: Shape): Tensor {
  return zeros(shape).add(ones(shape));
}
function sized(...shape: number[]): Tensor {
  return zeros(shape);
}
function lost(options?: LossOptions): Tensor {
  return mse(zeros([2, 3]), zeros([2, 3]), options);
}
function either(flag: boolean) {
  return flag ? zeros([2, 3]) : zeros([3]);
}
function early(flag: boolean) {
  if (flag) return zeros([2]);
  return zeros([2]).sum();
}
function late(n: number): Tensor {
  let x: Tensor = zeros([2, 3]);
  for (let i = 0; i < n; i++) x = transpose(x);
  return x;
}

const yes: boolean = new Date(0).getTime() === 0;
const three: number = zeros([3]).size;

export const values: Record<string, () => unknown> = {
  "an axis that may be missing": () => [
    reduced(zeros([2, 3])),
    reduced(zeros([2, 3]), 1),
    kept(zeros([2, 3]), undefined),
  ],
  "axes and options that may be missing, on their way": () => {
    const through = (x: Tensor, axis?: number, options?: ReduceOptions): Tensor => sum(x, axis, options);
    const x = zeros([2, 3]);
    const settings: { axis?: 0 | 1; keep?: boolean; loss?: LossOptions } = yes ? {} : { axis: 1 };
    const { axis, loss } = settings;
    const a = x.max(axis, settings.keep === undefined ? undefined : { keepDims: settings.keep });
    const b = cat([x, x], axis).matmul(zeros([3, 1]));
    const c = stack([x, x], settings.axis).add(x);
    const d = transpose(x, axis).matmul(zeros([2, 1]));
    const e = mse(x, zeros([2, 3]), loss).mul(2);
    const table: Record<string, (x: Tensor, axis?: number) => Tensor> = { sum, mean, max, argmax };
    const none: undefined = undefined;
    return [through(x), through(x, 0), a, b, c, d, e, x.sum(none, none), Object.values(table).map((f) => f(x))];
  },
  "lists that are spread": () => {
    const rest = [3, 4];
    const x = randn([2, ...[3, 4]]);
    const hidden = yes ? [8, 8] : [];
    return [
      zeros([2, ...rest]).add(x),
      zeros([2, ...(yes ? [3, 4] : [])]).add(x),
      reshape(x, [6, ...[4]]).matmul(zeros([4, 1])),
      x.reshape([...rest, 2]).matmul(zeros([2, 1])),
      x.reshape(2, ...[12]).matmul(zeros([12, 1])),
      permute(x, [2, ...[0, 1]]).matmul(zeros([3, 1])),
      x.sum([0, ...[1]]).add(zeros([4])),
      x.mean([...[0, 1]], { ...{ keepDims: true } }).add(x),
      cat([x, ...[x, x]], 1).matmul(zeros([4, 1])),
      stack([x, ...rest.map(() => x)]).sum(0),
      tensor([0, ...[1, 2]]).add(zeros([3])),
      tensor([[0, 1], ...rest.map((v) => [v, v])]).matmul(zeros([2, 1])),
      mlp([4, ...hidden, 2]).forward(zeros([1, 4])),
      mlp([4, ...[8], 2]).forward(zeros([1, 4])),
    ];
  },
  "an axis of a union, and none": () => {
    const axis: 0 | 1 = yes ? 0 : 1;
    const none = undefined as 0 | undefined;
    const x = zeros([2, 3]);
    const a: Tensor = x.sum(axis).add(0);
    const b: Tensor = x.sum(none).add(x);
    return [a, b, kept(x, axis, { keepDims: true }), max(x, axis), argmax(x, axis), softmax(x, axis)];
  },
  "what a union's axis leaves fits what either leaves": () => {
    const x = zeros([3, 3]);
    const axis: 0 | 1 = yes ? 0 : 1;
    return x.sub(x.mean(axis, { keepDims: true })).matmul(zeros([3, 1]));
  },
  "keepDims as a variable": () => {
    const options = { keepDims: true };
    const fixed = { keepDims: true } as const;
    const x = zeros([2, 3]);
    return [flags(x, true), x.sub(x.mean(1, options)), x.sub(x.mean(1, fixed)), x.sum(1, {}).add(zeros([2]))];
  },
  "options that are built": () => {
    const base: ReduceOptions = { keepDims: true };
    const x = zeros([2, 3]);
    const merged = { ...base, ...(yes ? {} : { keepDims: false }) };
    return [x.sum(0, base), x.sum(0, merged), x.sum(0, yes ? base : undefined), x.sum(0, undefined)];
  },
  "options with undefined inside of a spread": () => {
    const settings: { dtype?: "float32" | "float64" } = {};
    return [zeros([2], settings), zeros([2], { ...settings }), tensor([1, 2], settings).add(1)];
  },
  "several axes": () => {
    const axes: Axes = [0, 1];
    const some = [0, 1];
    const two = [0, 1] as const;
    const x = zeros([2, 3, 4]);
    return [sum(x, axes), sum(x, some), sum(x, two).add(zeros([4])), sum(x, [0, 2]).add(zeros([3])), x.sum([])];
  },
  "shapes from elsewhere": () => {
    const x = zeros([2, 3]);
    const literal = [2, 3] as const;
    const loose = [2, 3];
    const typed: readonly [number, number] = [2, 3];
    const [a = 0, b = 0] = x.shape;
    return [
      zeros(literal).add(x),
      zeros(loose).add(x),
      zeros(typed).add(x),
      zeros(x.shape).add(x),
      zeros([a, b]).add(x),
      zeros([...x.shape]).add(x),
      zeros([...literal, 1]).add(zeros([1])),
      zeros([1, ...x.shape.slice(1)]).add(x),
      shaped([2, 3]).add(x),
      shaped(literal).add(x),
      sized(2, 3).add(x),
    ];
  },
  "a shape that is frozen, one in an object, one of an enumeration": () => {
    const config = { batch: 4, shape: [2, 3], sizes: { hidden: 8 } };
    const frozen = Object.freeze([2, 3] as const);
    const fixed = { shape: [2, 3], hidden: 8 } as const;
    return [
      zeros([config.batch, config.sizes.hidden]).matmul(zeros([8, 2])),
      zeros(config.shape).matmul(zeros([3, 1])),
      zeros(frozen).matmul(zeros([3, 1])),
      zeros(fixed.shape).matmul(zeros([3, fixed.hidden])),
      zeros([2 + 1, 3]).add(zeros([3, 3])),
      zeros([three * 2, 3]).add(zeros([6, 3])),
      zeros([Math.max(2, 3), 3]).add(zeros([3, 3])),
    ];
  },
  "sizes that are unions": () => {
    const size = yes ? 3 : 4;
    const x = zeros([size, 2]);
    return [x.add(zeros([3, 2])), zeros([1, size]).matmul(x), x.T.matmul(zeros([size])), x.reshape([2, size])];
  },
  "a size of 1 or more": () => {
    const size: 1 | 3 = yes ? 3 : 1;
    const x = zeros([2, size]).add(zeros([3]));
    const y = zeros([2, size]).add(zeros([2, 1]));
    return [x.add(zeros([2, 3])), y, zeros([size]).add(zeros([size])), zeros([2, size]).matmul(zeros([3]))];
  },
  "a union of shapes": () => {
    const x = either(yes);
    const y = x.mul(2).add(1).relu();
    const z = either(false).add(y);
    return [y.sum(-1), z.matmul(zeros([3, 4])), early(yes).sum(), x.reshape([-1]), stack([x, x]), x.T];
  },
  "a union that a check narrows": () => {
    const x: Tensor<[2, 3]> | undefined = yes ? zeros([2, 3]) : undefined;
    const y: Tensor<[2, 3]> | null = yes ? zeros([2, 3]) : null;
    return [x?.sum(0), x?.add(1).T, y === null ? 0 : y.matmul(zeros([3, 1])), (x ?? zeros([2, 3])).add(1)];
  },
  "a tensor or a number": () => {
    const factor: Tensor | number = yes ? 2 : zeros([3]);
    const other: Tensor<[3]> | number = yes ? zeros([3]) : 2;
    return [
      zeros([2, 3]).mul(factor),
      add(zeros([2, 3]), other),
      add(other, zeros([3])),
      where(zeros([3]).gt(0), other, 0),
    ];
  },
  "mutable variables that say so": () => {
    let x: Tensor = zeros([2, 3]);
    x = x.reshape([3, 2]);
    let h: Tensor | undefined;
    for (const k of [1, 2, 3]) h = h === undefined ? zeros([k]) : cat([h, zeros([k])]);
    return [x, h, late(3)];
  },
  "mutable variables that keep their shape": () => {
    let x = zeros([2, 3]);
    for (let i = 0; i < 3; i++)
      x = x
        .mul(2)
        .add(ones([3]))
        .relu();
    let loss = mse(x, zeros([2, 3]));
    loss = loss.add(x.pow(2).mean().mul(0.1));
    loss = loss.mul(0.5).add(mse(x, x));
    let total = tensor(0);
    for (const k of [1, 2]) total = total.add(mean(x.mul(k)));
    let state = zeros([1, 3]);
    const w = zeros([3, 3]);
    for (let t = 0; t < 3; t++) state = state.matmul(w).tanh();
    return [x, loss, total, state];
  },
  "lists that say so": () => {
    const list: Tensor[] = [zeros([2, 3])];
    list.push(zeros([3]));
    list[0] = zeros([4]);
    // biome-ignore lint/suspicious/noEvolvingTypes: people write it
    const empty = [];
    empty.push(zeros([2]));
    empty.push(zeros([3]));
    const map = new Map<string, Tensor>();
    map.set("a", zeros([2])).set("b", zeros([3]));
    const record: Record<string, Tensor> = { a: zeros([2]) };
    record["b"] = zeros([3, 3]);
    return [list, empty.map((x) => x.sum()), [...map.values()].map((x) => x.mul(2)), record];
  },
  "lists of one shape": () => {
    const outputs = [zeros([2, 3])];
    for (let t = 0; t < 3; t++) outputs.push(zeros([2, 3]).add(t));
    const last = outputs[outputs.length - 1];
    const at = outputs.at(-1);
    return [stack(outputs), last?.sum(0), at?.matmul(zeros([3, 1])), outputs.reduce((a, b) => a.add(b))];
  },
  "lists of several shapes": () => {
    const parts = [zeros([2, 3]), zeros([4, 3])];
    const joined = cat(parts);
    const [a, b] = parts;
    const sums = parts.map((p) => p.sum(0)).reduce((x, y) => x.add(y));
    const totals = parts.reduce((n, p) => n + p.size, 0);
    return [
      joined.matmul(zeros([3, 1])),
      a?.add(1),
      b?.sum(),
      sums.add(zeros([3])),
      totals,
      cat([...parts, zeros([1, 3])]),
    ];
  },
  "tuples of tensors": () => {
    const both = [zeros([2, 3]), zeros([3, 4])] as const;
    const [a, b] = both;
    const pair = (): [Tensor<[2]>, Tensor<[3]>] => [zeros([2]), zeros([3])];
    const [p, q] = pair();
    return [matmul(a, b).add(zeros([4])), p.unsqueeze(1).add(q), cat([p, q])];
  },
  "tensors in objects": () => {
    interface Batch {
      readonly x: Tensor;
      readonly y?: Tensor;
      mask?: Tensor | null;
    }
    const batch: Batch = { x: zeros([4, 2]), mask: null };
    const state = { h: zeros([1, 3]), c: zeros([1, 3]) };
    state.h = state.h.mul(2);
    const { x, y, mask } = batch;
    return [x.sum(0), y === undefined ? 0 : mse(x, y), mask ? x.mul(mask) : x, { ...state, h: state.c }];
  },
  "data from elsewhere": () => {
    const text = "[[1,2],[3,4]]";
    const parsed: number[][] = JSON.parse(text);
    const anything = JSON.parse(text);
    const data: TensorData = parsed;
    const flat = Float32Array.of(1, 2, 3, 4);
    return [
      tensor(parsed).matmul(zeros([2, 1])),
      tensor(anything).add(zeros([2, 2])),
      tensor(data)
        .sum(1)
        .add(zeros([2])),
      tensor(flat)
        .reshape([2, 2])
        .add(zeros([2, 2])),
      tensor([1, 2, 3].map((v) => v * 2)).add(zeros([3])),
      tensor(Array.from({ length: 3 }, (_, i) => [i, i])).matmul(zeros([2, 1])),
      tensor([flat, flat]).add(zeros([2, 4])),
      tensor([[], []]).sum(),
      tensor([true, false]).sum(),
      tensor(3).add(zeros([2])),
    ];
  },
  "numbers that are written out": () => {
    const rows = [
      [1, 2],
      [3, 4],
    ];
    const fixed = [
      [1, 2, 3],
      [4, 5, 6],
    ] as const;
    const labels = [0, 1, 2];
    return [
      tensor(rows).add(tensor(fixed).sum(1)),
      tensor([[1], [2]]).add(tensor([1, 2, 3])),
      oneHot(tensor(labels, { dtype: "int32" }), 3).matmul(zeros([3, 2])),
      tensor([...labels, 3]).add(zeros([4])),
      tensor([[0, 1], labels.slice(0, 2)]).sum(0),
    ];
  },
  "reshape in all its forms": () => {
    const x = randn([2, 3, 4]);
    const [b = 0] = x.shape;
    const target = [6, 4];
    return [
      x.reshape([6, 4]).matmul(zeros([4, 1])),
      x.reshape(6, 4).matmul(zeros([4, 1])),
      x.reshape(-1).add(zeros([24])),
      x.reshape([b, -1]).matmul(zeros([12, 1])),
      x.reshape(target).matmul(zeros([4, 1])),
      x.reshape(...target).matmul(zeros([4, 1])),
      reshape(x, [...x.shape, 1])
        .sum(-1)
        .add(x),
      reshape(x, x.shape).add(x),
      flatten(x, 1).matmul(zeros([12, 2])),
      x.flatten().add(zeros([24])),
      x.reshape(yes ? [6, 4] : [4, 6]).sum(),
    ];
  },
  "axes in all their forms": () => {
    const x = zeros([2, 3, 4]);
    const order = [2, 0, 1];
    const axis: number = x.rank - 1;
    return [
      permute(x, order).add(zeros([4, 2, 3])),
      x.permute(2, 0, 1).add(zeros([4, 2, 3])),
      x.permute(...order).sum(),
      x.transpose(axis, 0).add(zeros([4, 3, 2])),
      transpose(x).matmul(zeros([3, 1])),
      x.sum(axis).add(zeros([2, 3])),
      squeeze(zeros([1, 3, 1])).add(zeros([3])),
      squeeze(zeros([1, 3, 1]), 0).add(zeros([3, 2])),
      squeeze(x, [0, 1]),
      unsqueeze(x, axis).add(zeros([2, 3, 1, 4])),
      x.unsqueeze(0).squeeze(0).add(x),
    ];
  },
  "slices in all their forms": () => {
    const x = zeros([5, 6]);
    const i: number = yes ? 1 : 2;
    const range: [number, number] = [0, 2];
    const spec = [null, 0] as const;
    return [
      slice(x, 0).add(zeros([6])),
      slice(x, i).add(zeros([6])),
      slice(x, [0, 2]).add(zeros([2, 6])),
      x.slice(range).add(zeros([2, 6])),
      x.slice(null, i).add(zeros([5])),
      x.slice(...spec).add(zeros([5])),
      x.slice([i, i + 2], [0, 3]).matmul(zeros([3, 1])),
      x.at(0).add(zeros([6])),
      [...x].map((row) => row.add(zeros([6]))),
      x.slice([0, 5, 2]).sum(0),
    ];
  },
  "broadcasting in all its forms": () => {
    const x = zeros([4, 1, 3]);
    return [
      x.add(zeros([5, 1])).add(zeros([4, 5, 3])),
      zeros([]).add(x).add(x),
      x.mul(tensor(2)),
      zeros([1])
        .add(zeros([0]))
        .add(zeros([0])),
      zeros([2, 1])
        .add(zeros([1, 3]))
        .add(zeros([2, 3])),
      zeros([1, 1, 1])
        .add(zeros([7]))
        .sub(zeros([7])),
      full([3, 3], 1).add(full([1, 3], 2)),
    ];
  },
  "products in all their forms": () => {
    const b: number = yes ? 2 : 3;
    return [
      matmul(zeros([3]), zeros([3])).add(1),
      matmul(zeros([2, 3]), zeros([3])).add(zeros([2])),
      matmul(zeros([3]), zeros([3, 4])).add(zeros([4])),
      matmul(zeros([b, 2, 3]), zeros([3, 4])).add(zeros([2, 4])),
      matmul(zeros([b, 2, 3]), zeros([b, 3, 4])).add(zeros([2, 4])),
      matmul(zeros([2, 3]), zeros([4, 3]), { transposeB: true }).add(zeros([2, 4])),
      matmul(zeros([3, 2]), zeros([3, 4]), { transposeA: true, transposeB: false }).add(zeros([2, 4])),
      zeros([3, 2])
        .matmul(zeros([3, 4]), { transposeA: yes })
        .add(zeros([2, 4])),
      zeros([2, 0])
        .matmul(zeros([0, 4]))
        .add(zeros([2, 4])),
    ];
  },
  "losses with all their options": () => {
    const reduction: "mean" | "none" = yes ? "none" : "mean";
    return [
      lost(),
      lost({ reduction: "sum" }),
      mse(zeros([2, 3]), zeros([2, 3]), { reduction }).sum(),
      mse(zeros([2, 3]), zeros([2, 3]), { reduction: "none" })
        .sum(1)
        .add(zeros([2])),
      mse(zeros([2]), [1, 2]),
      mse(zeros([2, 1]), [[1], [2]]),
    ];
  },
  "a grad has its tensor's shape": () => {
    const w = randn([3, 2], { requiresGrad: true });
    zeros([4, 3]).matmul(w).sum().backward();
    const g = w.grad;
    const next = g === null ? w : w.sub(g.mul(0.1));
    w.grad = null;
    w.assign(next.detach());
    w.assign(zeros([3, 2]));
    w.grad = zeros([3, 2]);
    return [next, w.grad?.add(w)];
  },
};
