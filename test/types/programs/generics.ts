// Right programs that are generic: over tensors, over sizes, over layers, over functions.
import {
  add,
  cat,
  type crossEntropy,
  div,
  exp,
  grad,
  type Layer,
  Linear,
  log,
  matmul,
  max,
  mean,
  mse,
  mul,
  randn,
  relu,
  reshape,
  Sequential,
  type Shape,
  softmax,
  stack,
  sub,
  sum,
  Tensor,
  tensor,
  transpose,
  valueAndGrad,
  where,
  zeros,
  zerosLike,
} from "tinygrad-ts";

function twice<T extends Tensor>(x: T): Tensor {
  return add(x, x);
}
function squared<T extends Tensor>(x: T): Tensor {
  return x.mul(x).sum();
}
function scaled<T extends Tensor>(x: T, factor: number | Tensor): Tensor {
  return x.mul(factor).add(1).relu();
}
function standardized<T extends Tensor>(x: T): Tensor {
  const mean = x.mean(0, { keepDims: true });
  const std = x.std(0, { keepDims: true });
  return x.sub(mean).div(std.add(1e-8));
}
function softmaxOf<T extends Tensor>(x: T): Tensor {
  const e = exp(sub(x, max(x, -1, { keepDims: true })));
  return div(e, sum(e, -1, { keepDims: true }));
}
function pair<A extends Tensor, B extends Tensor>(a: A, b: B): Tensor {
  return matmul(a, b).add(sum(mul(a, 2)));
}
function same<T extends Tensor>(a: T, b: T): Tensor {
  return where(a.gt(b), a, b).sub(a.mul(b));
}
function loss<T extends Tensor>(prediction: T, target: T): Tensor {
  return mse(prediction, target);
}
function lossOf<P extends Tensor, T extends Tensor>(prediction: P, target: T): Tensor<[]> {
  return mse(prediction, target);
}
function total<S extends Shape>(x: Tensor<S>): Tensor<[]> {
  return x.mul(2).sum();
}
function zeroed<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return zerosLike(x);
}
function activated<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return relu(x).exp().tanh();
}
function added<S extends Shape>(x: Tensor<S>, y: Tensor<S>): Tensor {
  return x.add(y).sub(add(x, y));
}
function rows<B extends number, N extends number>(x: Tensor<[B, N]>): Tensor<[B]> {
  return x.mul(x).sum(1).sqrt();
}
function gram<B extends number, N extends number>(x: Tensor<[B, N]>): Tensor<[B, B]> {
  return matmul(x, transpose(x));
}
function dense<B extends number, I extends number, O extends number>(
  x: Tensor<[B, I]>,
  w: Tensor<[I, O]>,
  b: Tensor<[O]>,
): Tensor<[B, O]> {
  return x.matmul(w).add(b);
}
function centred<B extends number, N extends number>(x: Tensor<[B, N]>): Tensor<[B, N]> {
  return x.sub(x.mean(0, { keepDims: true }));
}
function hidden<N extends number>(size: N): Sequential {
  return new Sequential(new Linear(4, size), relu, new Linear(size, 2));
}
function run<L extends Layer>(layer: L, x: Tensor): Tensor {
  return layer.forward(x);
}
function runBoth<L extends Layer, T extends Tensor>(layer: L, x: T): Tensor {
  return layer.forward(x).sum();
}
function runLinear<L extends Linear, T extends Tensor>(layer: L, x: T): Tensor {
  return layer.forward(x);
}
function chainOf<L extends Layer>(...layers: L[]): Sequential {
  return new Sequential(...layers);
}
function map<T extends Tensor>(xs: readonly T[], f: (x: T) => Tensor): Tensor[] {
  return xs.map((x) => f(x));
}
function compose(...fns: ((x: Tensor) => Tensor)[]): (x: Tensor) => Tensor {
  return (x) => fns.reduce((y, f) => f(y), x);
}
function pipe<A, B, C>(f: (a: A) => B, g: (b: B) => C): (a: A) => C {
  return (a) => g(f(a));
}
function first<T>(list: readonly T[]): T {
  const [x] = list;
  if (x === undefined) throw new Error("empty");
  return x;
}
function memo<A extends readonly unknown[], R>(f: (...args: A) => R): (...args: A) => R {
  let kept: R | undefined;
  return (...args) => (kept ??= f(...args));
}
function optional<T extends Tensor | undefined>(x: T): Tensor {
  return x === undefined ? zeros([1]) : add(x, 1);
}
function operand<T extends Tensor | number>(x: T): Tensor {
  return add(zeros([3]), x);
}

export const generics: Record<string, () => unknown> = {
  "over a tensor: the same twice": () => twice(zeros([2, 3])),
  "over a tensor: a chain of methods": () => [
    squared(zeros([2])),
    scaled(zeros([2]), 2),
    scaled(zeros([2]), zeros([2])),
  ],
  "over a tensor: reductions that keep axes": () => [standardized(randn([4, 2])), softmaxOf(zeros([2, 3]))],
  "over two tensors": () => [pair(zeros([2, 3]), zeros([3, 4])), same(zeros([2]), zeros([2]))],
  "over predictions and targets": () => [loss(zeros([2]), zeros([2])), lossOf(zeros([2, 1]), zeros([2, 1]))],
  "over a shape": () => [
    total(zeros([2])),
    zeroed(zeros([2, 3])),
    activated(zeros([2])),
    added(zeros([2]), zeros([2])),
  ],
  "over sizes": () => [
    rows(zeros([2, 3])),
    gram(zeros([2, 3])),
    dense(zeros([5, 4]), zeros([4, 3]), zeros([3])),
    centred(zeros([3, 2])),
  ],
  "over sizes, called with what is not known": () => {
    const n: number = zeros([3]).size;
    const open: Tensor = zeros([3, 3]);
    return [rows(zeros([n, 3])), gram(open), dense(open, zeros([n, n]), zeros([n])), centred(open)];
  },
  "over a layer's size": () => hidden(7).forward(zeros([1, 4])),
  "over layers": () => [
    run(new Linear(2, 3), zeros([1, 2])),
    runBoth(new Linear(2, 3), zeros([1, 2])),
    runBoth(new Sequential(new Linear(2, 3), relu), zeros([1, 2])),
    runLinear(new Linear(2, 3), zeros([1, 2])),
    chainOf<Layer>(new Linear(2, 3), new Linear(3, 4)).forward(zeros([1, 2])),
  ],
  "over lists of tensors": () => [
    map([zeros([2]), zeros([2])], (x) => x.sum()),
    map([zeros([2]), zeros([3, 4])], (x) => x.mul(2)),
    first([zeros([2]), zeros([3])]).add(1),
  ],
  "functions that take functions": () => [
    compose(relu, exp, (x) => x.reshape([-1]))(zeros([2])),
    compose(
      (x) => x.sum(0),
      (x) => softmax(x),
    )(zeros([2, 3])),
    pipe(relu, exp)(zeros([2])),
    pipe((x: Tensor) => x.mul(2), log)(zeros([2])),
    memo((x: Tensor) => x.mul(2))(zeros([2])),
    memo(relu)(zeros([2])),
  ],
  "a parameter that may be missing": () => [optional(undefined), optional(zeros([2]))],
  "a parameter that may be a number": () => [operand(2), operand(zeros([3])), operand(zeros([2, 3]))],
  "gradients of functions": () => {
    const f = (w: Tensor, b: Tensor): Tensor => zeros([5, 3]).matmul(w).add(b).sum();
    const g = grad(f)(zeros([3, 2]), zeros([2]));
    const { value, grad: slope } = valueAndGrad((x: Tensor) => x.mul(x).sum())(tensor([1, 2, 3]));
    const h = grad((x: Tensor) => mean(x.pow(2)))(zeros([2, 2]));
    return [g, value.item(), slope, h];
  },
  "a type that a call gives": () => {
    const model = new Sequential(new Linear(4, 8), relu, new Linear(8, 3));
    type Out = ReturnType<typeof model.forward>;
    const y: Out = model.forward(zeros([2, 4]));
    type In = Parameters<typeof crossEntropy>[0];
    const z: In = y;
    return [y, z];
  },
  "conditional results": () => {
    function pick<K extends "sum" | "mean">(kind: K, x: Tensor): Tensor {
      return kind === "sum" ? x.sum() : x.mean();
    }
    const reducers = { sum, mean, max };
    return [pick("sum", zeros([2])), Object.values(reducers).map((f) => f(zeros([2, 3]), 0))];
  },
  "an op from a table": () => {
    const ops = { add, sub, mul, div } as const;
    function calc(name: keyof typeof ops, a: Tensor, b: Tensor): Tensor {
      return ops[name](a, b);
    }
    const byName: Record<string, (x: Tensor) => Tensor> = { relu, exp, log, softmax };
    return [calc("add", zeros([2]), zeros([2])), byName["relu"]?.(zeros([2]))];
  },
  "a guard": () => {
    function isTensor(x: unknown): x is Tensor {
      return x instanceof Tensor;
    }
    const x: unknown = zeros([2, 3]);
    const y = x instanceof Tensor ? x.add(1) : undefined;
    const list: (Tensor | number | null)[] = [zeros([2]), 3, null];
    return [y, isTensor(x) ? x.matmul(zeros([3, 1])) : 0, list.filter(isTensor).map((v) => v.mul(2))];
  },
  "lists of the same tensor by flatMap, concat and stack": () => {
    const parts = [1, 2, 3].flatMap((k) => [zeros([2, 3]).mul(k), zeros([2, 3])]);
    return [stack(parts), cat(parts), cat(parts, 1), reshape(stack(parts.concat(parts)), [-1])];
  },
};
