import fc from "fast-check";
import { lowering } from "../../src/compile/index.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";
import { checkFinite } from "../../src/optim/finite.ts";
import { type Elementary, elementary } from "./elementary.ts";
import { type Shake, still } from "./opinions.ts";
import { type Apply, axisOf, type Step, shapely, smooth } from "./randomProgram.ts";

// Random steps: programs that read and assign tensors from outside in the midst of their work, and that refuse some of their inputs.

/** What a random step is made of. */
export interface StepRecipe {
  /** The tensors are n × n, or vectors of n. */
  readonly n: number;
  readonly dtype: "float32" | "float64";
  /** Only + − × ÷, comparisons and movement, and sums of integers: results are the same to the bit. */
  readonly isExact: boolean;
  readonly deterministic: boolean;
  readonly statements: readonly Step[];
  readonly returned: readonly number[];
  /** In an exact step, which elementary function of its last values is a result, too. */
  readonly last: number;
  readonly calls: readonly CallRecipe[];
}

/** A call: which arguments it gets, and what is done from outside before it. */
export interface CallRecipe {
  readonly seed: number;
  readonly x: number;
  readonly y: number;
  /** What is wrong with the arguments; nothing in most calls. */
  readonly fault: "none" | "nan" | "infinite" | "huge" | "index" | "negative";
  readonly outside: number;
}

const numbers = fc.nat({ max: 1_000_000 });
const faults = fc.constantFrom("none", "none", "none", "none", "nan", "infinite", "huge", "index", "negative");

export const stepRecipes: fc.Arbitrary<StepRecipe> = fc.record({
  n: fc.constantFrom(1, 2, 2, 3, 4, 5, 8, 9),
  dtype: fc.constantFrom("float32", "float64"),
  isExact: fc.boolean(),
  deterministic: fc.boolean(),
  statements: fc.array(fc.record({ op: numbers, a: numbers, b: numbers, c: numbers }), { minLength: 2, maxLength: 24 }),
  returned: fc.array(numbers, { maxLength: 4 }),
  last: numbers,
  calls: fc.array(fc.record({ seed: fc.noShrink(numbers), x: numbers, y: numbers, fault: faults, outside: numbers }), {
    minLength: 2,
    maxLength: 5,
  }),
});

/** The tensors from outside. The first three are n × n, the last one a vector; two have gradients. */
export interface World {
  readonly tensors: readonly Tensor[];
  /** What stands for the arguments of a step that has none. */
  readonly held: readonly [Tensor, Tensor, Tensor];
  readonly generator: T.Generator;
  /** Values that were put aside, by the number of their tensor. */
  readonly kept: Map<number, { readonly value: Tensor; readonly grad: Tensor | null }>;
  readonly shake: Shake;
}

/** A world as a recipe says. */
export function worldOf({ n, dtype, isExact }: StepRecipe, shake: Shake): World {
  const generator = new T.Generator(n);
  const tensors = [[n, n], [n, n], [n, n], [n]].map((shape) => {
    const x = T.randn(shape, { dtype, generator });
    return isExact ? T.div(T.round(T.mul(x, 4)), 4) : x;
  });
  for (const k of [0, 3]) tensors[k]!.requiresGrad = true;
  const held = [T.zeros([n, n], { dtype }), T.zeros([n, n], { dtype }), T.zeros([n], { dtype: "int32" })] as const;
  return { tensors, held, generator, kept: new Map(), shake };
}

/** Brings values back to between −4 and 4. */
const tame = (x: Tensor, isExact: boolean): Tensor => (isExact ? T.clamp(x, -4, 4) : T.tanh(T.mul(x, 0.5)).mul(2));

/** y in a shape, however it has to be got there. */
function shaped(y: Tensor, shape: readonly number[]): Tensor {
  if (y.shape.join() === shape.join()) return y;
  try {
    return T.expand(y, [...shape]);
  } catch {
    const size = shape.reduce((a, b) => a * b, 1);
    return y.size >= size && size > 0
      ? T.reshape(T.slice(T.reshape(y, [-1]), [y.size - size, y.size]), [...shape])
      : T.expand(y.size === 0 ? T.zeros([], { dtype: y.dtype }) : T.add(T.max(y), 0), [...shape]);
  }
}

/** Integers near x: sums of them are the same in any order. None is −0, which is the sum of itself in compiled code, and 0 in eager code. */
const whole = (x: Tensor): Tensor => T.add(T.floor(T.clamp(x, -9, 9)), 0);

/** Functions whose results do not depend on the order of additions, on whose rounding all agree. */
const exact: Record<string, Apply> = {
  ...shapely,
  add: (x, y) => T.add(x, shaped(y, x.shape)),
  sub: (x, y) => T.sub(shaped(y, x.shape), x),
  mul: (x, y) => T.mul(x, shaped(y, x.shape)),
  div: (x, y) => T.div(shaped(y, x.shape), T.add(T.mul(x, x), 1)),
  sqrt: (x) => T.sqrt(T.abs(x)),
  square: (x) => T.pow(x, 2),
  neg: (x) => T.neg(x),
  abs: (x) => T.abs(x),
  relu: (x) => T.relu(x),
  maximum: (x, y) => T.maximum(x, shaped(y, x.shape)),
  minimum: (x, y) => T.minimum(x, shaped(y, x.shape)),
  floor: (x) => T.floor(x),
  ceil: (x) => T.ceil(x),
  round: (x) => T.round(x),
  sign: (x) => T.sign(x),
  select: (x, y) => T.where(T.gt(x, 0.3), shaped(y, x.shape), x),
  // Which zero comes first decides the sign of the smallest in eager code, so 0 is added.
  max: (x, _, c) => (x.shape.length === 0 ? x : T.add(T.max(x, axisOf(x, c)), 0)),
  min: (x, _, c) => (x.shape.length === 0 ? x : T.add(T.min(x, axisOf(x, c), { keepDims: true }), 0)),
  argmax: (x, _, c) => (x.size === 0 || x.shape.length === 0 ? x : T.argmax(x, axisOf(x, c)).to(x.dtype)),
  sumWhole: (x, _, c) => (x.shape.length === 0 ? T.sum(whole(x)) : T.sum(whole(x), axisOf(x, c), { keepDims: c % 3 === 0 })), // biome-ignore format: one line
  cumsumWhole: (x, _, c) => (x.shape.length === 0 ? x : T.cumsum(whole(x), axisOf(x, c))),
  matmulWhole: (x, y) => (x.shape.length === 2 && y.shape.join() === x.shape.join() && x.shape[0] === x.shape[1] ? T.add(T.matmul(whole(x), whole(y)), T.mul(x, 0.5)) : x), // biome-ignore format: one line
  sort: (x, _, c) => (x.shape.length === 0 ? x : T.sort(x, axisOf(x, c), { descending: c % 2 === 0 }).values),
  any: (x) => T.any(T.gt(x, 1)).to(x.dtype),
  logical: (x) => T.logicalAnd(T.gt(x, -1), T.logicalNot(T.gt(x, 1))).to(x.dtype),
  oneHot: (x) => (x.size > 60 ? x : T.oneHot(T.clamp(T.floor(x), 0, 2).to("int32"), 3, { dtype: x.dtype })),
};

/** New values of a square made of windows of its old ones. */
export const windowed: readonly Apply[] = [
  (w) => T.add(w, T.transpose(w)),
  (w) => T.transpose(w),
  (w) => T.flip(w, 0),
  (w, _, c) => T.sub(w, T.flip(w, c % 2)),
  (w) => T.cat([T.slice(w, [1, w.shape[0]!]), T.slice(w, [0, 1])], 0),
  (w) => T.add(T.tril(w), T.triu(T.transpose(w))),
  (w, y) => T.add(T.mul(T.transpose(w), 0.5), y),
  (w, _, c) => T.add(w, T.slice(w, [c % w.shape[0]!, (c % w.shape[0]!) + 1])),
  (w, _, c) => T.sub(w, T.add(T.max(w, c % 2, { keepDims: true }), 0)),
  (w, _, c) => T.indexSelect(w, c % 2, T.tensor(w.shape[0] === 1 ? [0] : [w.shape[0]! - 1, ...Array.from({ length: w.shape[0]! - 1 }, (__, i) => i)], { dtype: "int32" })), // biome-ignore format: one line
  (w) => T.cumsum(whole(w), 0),
  (w) => T.add(T.matmul(whole(w), whole(w)), w),
  (w, y) => T.add(T.matmul(whole(w), whole(y)), T.transpose(w)),
  (w) => T.sort(w, 1).values,
  (w) => T.add(T.sum(whole(w)), w),
  (w, y) => T.where(T.gt(w, 0), T.transpose(w), y),
  (w) => T.sub(T.transpose(w), w),
  (w, y) => T.add(T.mul(T.flip(w, 0), y), T.mul(w, 0.5)),
];

/** What a statement works on. */
interface Scope {
  readonly recipe: StepRecipe;
  readonly world: World;
  readonly pool: Tensor[];
  readonly at: Tensor;
  /** What the step has to return. */
  readonly returned: Tensor[];
}

type Statement = (scope: Scope, step: Step) => string;

const squareOf = ({ world }: Scope, k: number): Tensor => world.tensors[k % 3]!;
const vectorOf = ({ world }: Scope): Tensor => world.tensors[3]!;
const picked = ({ pool }: Scope, k: number): Tensor => pool[pool.length - 1 - (k % Math.min(pool.length, 6))]!;

function push({ recipe, world, pool }: Scope, y: Tensor): void {
  pool.push(world.shake(y.size > 700 ? T.add(T.max(y), 0) : tame(y, recipe.isExact)));
}

/** Steps of a function, each with the name that the log gives it. */
const apply: Statement = (scope, { a, b, c }) => {
  const functions = Object.entries(scope.recipe.isExact ? exact : smooth);
  const [name, fn] = functions[(a + c) % functions.length]!;
  push(scope, fn(picked(scope, a >> 3), scope.pool[b % scope.pool.length]!, c));
  return name;
};

const assign: Statement = (scope, { a, b }) => {
  const to = b % 5 === 0 ? vectorOf(scope) : squareOf(scope, b);
  to.assign(shaped(picked(scope, a).detach(), to.shape));
  return `assign ${b % 5 === 0 ? 3 : b % 3}`;
};

/** `w.assign(w + wᵀ)` and the like. */
const assignWindow: Statement = (scope, { a, b, c }) => {
  const w = squareOf(scope, b);
  const y = shaped(picked(scope, a).detach(), w.shape);
  const old = w.detach();
  const k = (a + c) % windowed.length;
  w.assign(tame(windowed[k]!(old, y, c), scope.recipe.isExact).detach());
  return `window ${k} of ${b % 3}`;
};

/** What is not elementwise, of a tensor itself, put where it was as it is. */
export const raw: readonly Apply[] = [
  (w) => T.cat([T.slice(w, [w.shape[0]! - 1, w.shape[0]!]), T.slice(w, [0, w.shape[0]! - 1])], 0),
  (w, _, c) => T.indexAdd(w, 0, T.tensor([c % w.shape[0]!], { dtype: "int32" }), T.slice(w, [0, 1])),
  (w) => T.pad(T.slice(w, [1, w.shape[0]!]), [[0, 1], [0, 0]], 0.25), // biome-ignore format: one line
  (w, _, c) => T.flip(w, c % 2),
  (w, _, c) => T.cumsum(w, c % 2),
  (w, y) => T.matmul(w, y),
  (w, y, c) => T.matmul(y, w, { transposeB: c % 2 === 0 }),
  (w) => T.matmul(w, w),
];

const assignRaw: Statement = (scope, { a, b, c }) => {
  const w = squareOf(scope, b);
  w.assign(tame(w.detach(), scope.recipe.isExact).detach());
  const k = a % (scope.recipe.isExact ? 4 : raw.length);
  w.assign(raw[k]!(squareOf(scope, b + (c % 2)).detach(), shaped(picked(scope, c).detach(), w.shape), c));
  return `raw ${k} of ${b % 3}`;
};

/** As the first thing of all, when leaves are read as they are. */
const assignFirst: Statement = (scope, step) => (scope.pool.length > 2 ? apply(scope, step) : first(scope, step));

function first({ recipe, world }: Scope, { a, b, c }: Step): string {
  const w = world.tensors[b % 3]!;
  const k = a % (recipe.isExact ? 4 : raw.length);
  w.assign(raw[k]!(w.detach(), world.tensors[c % 3]!.detach(), c));
  return `first, raw ${k} of ${b % 3}`;
}

/** The old value is used again after the new one is there, and after a product. */
const late: Statement = (scope, { a, b, c }) => {
  const w = squareOf(scope, b);
  const old = w.detach();
  const y = shaped(picked(scope, a).detach(), w.shape);
  w.assign(a % 3 === 0 ? T.mul(y, 0.5) : tame(T.sub(T.mul(old, 0.5), y), scope.recipe.isExact).detach());
  if (c % 3 === 0) push(scope, T.sub(T.mul(y, 0.25), old));
  push(scope, T.add(T.matmul(whole(y), whole(c % 2 === 0 ? y : old)), old));
  return `late ${b % 3}`;
};

/** Two exchange their values. */
const swap: Statement = (scope, { a, b }) => {
  const [v, w] = [squareOf(scope, a), squareOf(scope, b)];
  const before = T.add(v.detach(), 0);
  v.assign(T.transpose(w.detach()));
  w.assign(before);
  return `swap ${a % 3}, ${b % 3}`;
};

const read: Statement = (scope, { b, c }) => {
  const x = b % 4 === 3 ? T.expand(vectorOf(scope), [scope.recipe.n, scope.recipe.n]) : squareOf(scope, b);
  scope.pool.push(c % 3 === 0 ? T.add(x, 0) : x);
  return `read ${b % 4}`;
};

const checkAll: Statement = (scope, { a, c }) => {
  checkFinite("check", picked(scope, a), String(c), "");
  return "check";
};

/** An update that is looked at, before or after: of arguments that are spoilt, it must leave nothing. */
const assignChecked: Statement = (scope, { a, b, c }) => {
  const w = squareOf(scope, b);
  const x = shaped(scope.pool[c % 2]!.detach(), w.shape);
  const y = T.add(a % 3 === 0 ? T.transpose(x) : x, T.mul(w.detach(), 0.5));
  if (a % 2 === 0) w.assign(y);
  checkFinite("update", y, String(c), "");
  if (a % 2 === 1) w.assign(y);
  return `checked update of ${b % 3}`;
};

/** What reads a product: at the same element, elsewhere, in another shape, twice. */
export const readers: readonly ((z: Tensor, y: Tensor, v: Tensor) => Tensor)[] = [
  (z) => z,
  (z) => T.relu(z),
  (z, y, v) => T.sub(T.mul(T.add(z, v), 0.5), y),
  (z) => T.add(z, T.transpose(z)),
  (z, y) => T.sum(whole(T.mul(z, y)), 1),
  (z, y) => T.sum(whole(T.mul(z, y)), 0),
  (z) => T.sum(whole(T.relu(z))),
  (z, _, v) => T.add(z, T.indexSelect(z, 0, T.floor(T.clamp(v, 0, z.shape[0]! - 1)).to("int32"))),
  (z, y) => T.add(T.sub(z, y), T.sum(whole(z))),
  (z) => {
    const n = z.shape[0]!;
    const last = Array.from({ length: n }, (_, i) => n - 1 - i);
    return T.sub(T.indexSelect(z, 0, T.tensor(last, { dtype: "int32" })), z);
  },
  (z, y, v) => {
    const n = z.shape[0]!;
    const wide = n % 2 === 0 ? T.reshape(z, [n / 2, 2 * n]) : z;
    return T.reshape(T.add(wide, n % 2 === 0 ? T.slice(T.reshape(y, [n / 2, 2 * n]), [0, 1]) : v), [n, n]);
  },
];

/** Products with what follows them at once: two, that work after them may mix. */
const product: Statement = (scope, { a, b, c }) => {
  const { n, isExact } = scope.recipe;
  const operand = (k: number): Tensor => {
    const x = shaped(picked(scope, k), [n, n]);
    return isExact ? whole(x) : x;
  };
  const [x, y] = [operand(a), operand(b)];
  const v = T.floor(vectorOf(scope).detach());
  const first = T.matmul(x, y, { transposeB: c % 2 === 1 });
  const second = T.matmul(y, x);
  const [read, other] = [readers[c % readers.length]!, readers[(a + b) % readers.length]!];
  push(scope, read(first, y, T.where(T.eq(v, v), v, 0)));
  if (b % 2 === 0) push(scope, other(a % 2 === 0 ? first : second, x, T.where(T.eq(v, v), v, 1)));
  const to = squareOf(scope, a >> 2);
  if (c % 5 === 0)
    to.assign(tame(T.add(first.detach(), b % 3 === 0 ? T.transpose(to.detach()) : to.detach()), isExact));
  return `product, ${c % readers.length}`;
};

/** Sums of one thing along different axes. */
const sums: Statement = (scope, { a, b, c }) => {
  const x = shaped(picked(scope, a), [scope.recipe.n, scope.recipe.n]);
  const y = scope.recipe.isExact ? whole(T.mul(x, 2)) : T.sin(x);
  const all = [T.sum(y, 0), T.sum(y, 1), T.sum(y), T.add(T.max(y, 0), 0), T.add(T.min(y, 1), 0)];
  const [p, q] = [all[b % all.length]!, all[c % all.length]!];
  push(scope, T.add(T.sub(x, p), T.mul(q, 2)));
  return `sums ${b % all.length}, ${c % all.length}`;
};

/** Twice x by a JavaScript function that may fail half-way, also where it computes gradients. */
export const hostedOp: T.Op = {
  name: "hosted",
  shape: ([x]) => x!.shape,
  forward: (out, [x]) => double([x!.values], [out]),
  vjp: [({ g }) => T.apply(hostedOp, [g], undefined)],
};

function double([x]: readonly ArrayLike<number>[], [y]: readonly { [i: number]: number; length: number }[]): void {
  for (let i = 0; i < y!.length; i++) {
    if (!(Math.abs(x![i]!) < 1e20)) throw new T.ValueError("hosted", "must be finite", "what is not");
    y![i] = 2 * x![i]!;
  }
}

lowering(hostedOp, ({ b, x, shape, dtype }) => b.host(double, [x], [shape], dtype)[0]!);

/** Whether a refusal is that function's: among several faults, it may be found before checks, or after them. */
export const isHosted = (outcome: unknown): boolean => typeof outcome === "string" && outcome.includes("hosted");

const host: Statement = (scope, { a, b, c }) => {
  const y = T.apply(hostedOp, [picked(scope, a)], undefined);
  const to = squareOf(scope, b);
  if (c % 2 === 0) to.assign(shaped(y.detach(), to.shape));
  push(scope, y);
  scope.returned.push(y.detach()); // a call whose result nobody uses is not made
  return "host";
};

/** Places that must be within. */
const select: Statement = (scope, { a, c }) => {
  const x = shaped(picked(scope, a), [scope.recipe.n, scope.recipe.n]);
  push(scope, T.indexSelect(x, c % 2, scope.at));
  return "select";
};

/** Integers that must fit. */
const integers: Statement = (scope, { a }) => {
  if (!scope.recipe.isExact) return checkAll(scope, { op: 0, a, b: 0, c: 0 });
  const x = picked(scope, a).detach();
  push(scope, T.mul(T.floor(x).to("int32"), 3).to(x.dtype));
  return "integers";
};

const draw: Statement = (scope) => {
  const { n, dtype, isExact } = scope.recipe;
  const { generator } = scope.world;
  push(scope, isExact ? T.randint(-3, 3, [n, n], { generator }).to(dtype) : T.randn([n, n], { dtype, generator }));
  return "draw";
};

const lossOf = (scope: Scope, a: number): Tensor => {
  const leaves = [squareOf(scope, 0), vectorOf(scope)].map((w) => T.sum(T.mul(T.sin(w), w)));
  return T.add(T.mean(T.mul(picked(scope, a), 1.5)), T.add(leaves[0]!, leaves[1]!));
};

/** Gradients, what is asked of them, and an update with momentum. */
const train: Statement = (scope, { a, b, c }) => {
  if (scope.recipe.isExact) return apply(scope, { op: 0, a, b, c });
  const parameters = [squareOf(scope, 0), vectorOf(scope)];
  if (c % 3 > 0) for (const p of parameters) p.grad = null;
  lossOf(scope, a).backward();
  if (b % 4 === 1) T.checkFiniteGrads(parameters);
  if (b % 4 === 2) T.clipGradNorm(parameters, 0.7, { errorIfNonFinite: true });
  const momentum = squareOf(scope, 2);
  const [g, h] = parameters.map((p) => p.grad ?? T.zeros(p.shape, { dtype: p.dtype })) as [Tensor, Tensor];
  if (b % 3 > 0) momentum.assign(T.add(T.mul(momentum, 0.9), T.tanh(b % 3 === 1 ? g : T.transpose(g))));
  if (c % 2 === 0) parameters[0]!.assign(T.sub(parameters[0]!.detach(), T.mul(momentum, 0.1)));
  if (c % 5 > 1) parameters[1]!.assign(T.sub(parameters[1]!.detach(), T.mul(T.tanh(h), 0.1)));
  return "train";
};

/** Gradients of gradients. */
const trainTwice: Statement = (scope, { a, b, c }) => {
  if (scope.recipe.isExact) return apply(scope, { op: 0, a, b, c });
  const parameters = [squareOf(scope, 0), vectorOf(scope)] as const;
  const [g, h] = T.gradients(lossOf(scope, a), parameters, { createGraph: true });
  const [gg, hh] = T.gradients(T.add(T.sum(T.mul(g, T.tanh(g))), T.sum(T.mul(h, h))), parameters);
  push(scope, g.detach());
  push(scope, gg);
  if (c % 2 === 0) parameters[1].assign(T.sub(parameters[1].detach(), T.mul(T.tanh(hh), 0.05)));
  return "train twice";
};

const statements: readonly Statement[] = [
  apply,
  apply,
  apply,
  apply,
  apply,
  read,
  read,
  assign,
  assign,
  assignWindow,
  assignWindow,
  assignWindow,
  assignRaw,
  late,
  assignFirst,
  assignFirst,
  swap,
  product,
  product,
  product,
  sums,
  checkAll,
  checkAll,
  assignChecked,
  assignChecked,
  select,
  host,
  host,
  integers,
  draw,
  train,
  trainTwice,
];

/** The elementary function that an exact step ends with. */
export const elementaryOf = ({ last }: StepRecipe): Elementary => elementary[last % elementary.length]!;

/** A step made by a recipe, in a world: its last values, a function of them, and others that are returned. */
export function stepOf(recipe: StepRecipe, world: World, log: string[] = []) {
  return (x: Tensor, y: Tensor, at: Tensor): Tensor[] => {
    const { shake, tensors } = world;
    const scope: Scope = { recipe, world, pool: [shake(x), shake(y)], at, returned: [] };
    if (shake !== still) for (const w of tensors) w.assign(shake(w).detach());
    for (const step of recipe.statements) {
      const name = statements[step.op % statements.length]!(scope, step);
      log.push(`${scope.pool.length}: ${name} (${step.a}, ${step.b}, ${step.c})`);
    }
    const all = [...scope.pool, ...scope.world.tensors];
    const z = scope.pool.at(-1)!;
    const last = recipe.isExact ? elementaryOf(recipe).fn(T.mul(z, 3), z) : T.tanh(z);
    return [z, last, ...recipe.returned.map((k) => all[k % all.length]!), ...scope.returned];
  };
}

/** Arguments of a call: fresh ones, captured tensors' values, one for both. */
export function argumentsOf(recipe: StepRecipe, call: CallRecipe, { tensors }: World): [Tensor, Tensor, Tensor] {
  const { n, dtype, isExact } = recipe;
  const generator = new T.Generator(call.seed);
  const fresh = (): Tensor => {
    const x = T.randn([n, n], { dtype, generator });
    return isExact ? T.div(T.round(T.mul(x, 4)), 4) : x;
  };
  const one = fresh();
  const of = (k: number): Tensor => [fresh(), fresh(), one, tensors[k % 3]!.detach()][k % 4]!;
  const [x, y] = [of(call.x), of(call.y)];
  const places = T.randint(0, n, [n], { generator });
  const spoilt = (v: Tensor, bad: number): Tensor => {
    const values = v.data.slice();
    values[call.seed % values.length] = bad;
    return T.tensor(values, { dtype: v.dtype }).reshape([...v.shape]);
  };
  switch (call.fault) {
    case "nan":
      return [spoilt(x, Number.NaN), y, places];
    case "infinite":
      return [x, spoilt(y, Number.POSITIVE_INFINITY), places];
    case "huge":
      return [spoilt(x, 1e30), y, places];
    case "index":
      return [x, y, spoilt(places, n)];
    case "negative":
      return [x, y, spoilt(places, -n - 1)];
    case "none":
      return [x, y, places];
  }
}
