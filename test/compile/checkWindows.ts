import fc from "fast-check";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";
import { disagreement, faultOf, others, type Shake, still } from "./opinions.ts";
import { type Apply, type Step, smooth } from "./randomProgram.ts";

// Programs that do the same at several places of arrays, as recurrent layers and attention do: kernels that read other windows of one array share their code.

/** A window of a shared array, that moves from place to place. */
interface Moving {
  readonly array: number;
  readonly start: number;
  readonly move: number;
  readonly how: number;
}

/** What such a program is made of. */
export interface WindowRecipe {
  readonly places: number;
  readonly rows: number;
  readonly columns: number;
  readonly dtype: "float32" | "float64";
  readonly windows: readonly Moving[];
  readonly steps: readonly Step[];
  readonly joined: number;
  readonly seed: number;
}

const numbers = fc.nat({ max: 1_000_000 });

export const windowRecipes: fc.Arbitrary<WindowRecipe> = fc.record({
  places: fc.integer({ min: 2, max: 6 }),
  rows: fc.integer({ min: 1, max: 6 }),
  columns: fc.integer({ min: 1, max: 9 }),
  dtype: fc.constantFrom("float32", "float64"),
  windows: fc.array(
    fc.record({ array: fc.nat({ max: 2 }), start: fc.nat({ max: 11 }), move: fc.integer({ min: -2, max: 2 }), how: numbers }),
    { minLength: 1, maxLength: 4 },
  ), // biome-ignore format: one line
  steps: fc.array(fc.record({ op: numbers, a: numbers, b: numbers, c: numbers }), { minLength: 1, maxLength: 8 }),
  joined: numbers,
  seed: fc.noShrink(numbers),
});

/** Windows of an array, and places in it. */
const length = 12;

/** Another order of a window of so many rows and columns, in the shape that it has. */
const orders: readonly ((x: Tensor) => Tensor)[] = [
  (x) => x,
  (x) => x,
  (x) => x,
  (x) => T.flip(x, 0),
  (x) => T.flip(x, 1),
  (x) => T.flip(x, [0, 1]),
  (x) => T.reshape(T.transpose(x), [...x.shape]),
];

/** One of the windows of an array of `length` matrices that begin at a place: its rows in order, every second one, from the last to the first, or parts of two. */
function windowAt(x: Tensor, at: number, how: number): Tensor {
  const [, rows, columns] = x.shape as [number, number, number];
  const k = ((at % length) + length) % length;
  const own = (): Tensor => {
    switch (how % 5) {
      case 0: {
        const flat = T.reshape(x, [length * rows, columns]);
        const from = Math.min(k * rows + (how % 3), (length - 1) * rows);
        return T.slice(flat, [from, from + rows]);
      }
      case 1: {
        const flat = T.reshape(x, [length * rows, columns]);
        const from = Math.min(k, (length - 2) * rows);
        return T.slice(flat, [from, from + 2 * rows, 2]);
      }
      case 2: {
        const flat = T.reshape(x, [-1]);
        const from = Math.min(k * columns + (how % 7), (length - 1) * rows * columns);
        return T.reshape(T.slice(flat, [from, from + rows * columns]), [rows, columns]);
      }
      default:
        return T.slice(x, k);
    }
  };
  return orders[(how >> 4) % orders.length]!(own());
}

const functions: readonly (readonly [string, Apply])[] = [
  ...Object.entries(smooth),
  ...Object.entries({
    lookUp: (x, y, c) => T.add(T.indexSelect(y, 0, T.argsort(T.slice(x, null, c % x.shape[1]!))), x),
    addAt: (x, y, c) => T.indexAdd(x, 0, T.argsort(T.slice(x, null, c % x.shape[1]!)), y),
    attend: (x, y) => T.matmul(T.softmax(T.matmul(x, y, { transposeB: true })), y),
    mix: (x, y) => T.matmul(x, T.matmul(y, x, { transposeA: true })),
    blend: (x, y, c) => T.add(T.mul(T.sigmoid(x), y), T.mul(x, T.slice(y, [c % y.shape[0]!, (c % y.shape[0]!) + 1]))),
    masked: (x, y) => T.where(T.gt(T.slice(y, null, [0, 1]), 0), x, y),
  } satisfies Record<string, Apply>),
];

const tame = (x: Tensor): Tensor => T.mul(T.tanh(T.mul(x, 0.5)), 2);

/** What comes out of a place: of its windows, and of what came out of the one before. */
function placeOf(
  { windows, steps }: WindowRecipe,
  arrays: readonly Tensor[],
  before: Tensor,
  t: number,
  shake: Shake,
  log: string[],
): Tensor {
  const pool = [
    before,
    ...windows.map(({ array, start, move, how }) => windowAt(arrays[array]!, start + move * t, how)),
  ];
  for (const { op, a, b, c } of steps) {
    const [name, fn] = functions[op % functions.length]!;
    const x = pool[pool.length - 1 - (a % Math.min(pool.length, 4))]!;
    const y = fn(x, pool[b % pool.length]!, c);
    if (t === 0)
      log.push(`${pool.length}: ${name}(${pool.indexOf(x)}, ${b % pool.length}, ${c}) ${y.dtype}[${y.shape}]`);
    // All of one shape, that each can be used where another can.
    const fits = y.dtype === before.dtype && y.shape.join() === before.shape.join();
    pool.push(shake(tame(fits ? y : T.add(before, T.mean(y.to(before.dtype))))));
  }
  return pool.at(-1)!;
}

/** How what comes out of all places is put together. */
const joins: readonly ((all: readonly Tensor[]) => Tensor)[] = [
  (all) => T.stack([...all]),
  (all) => T.stack([...all].reverse(), 1),
  (all) => T.cat([...all], 1),
  (all) => T.cat(all.map((x, t) => T.slice(x, [0, 1 + (t % x.shape[0]!)]))),
  (all) => all.reduce((sum, x) => T.add(T.mul(sum, 0.7), x)),
  (all) => T.stack(all.map((x, t) => T.sum(x, t % 2)).filter((_, t) => t % 2 === 0)),
];

/** Such a program over three arrays, the second of which it may change in the midst of its work: its result, and what it has left. */
export function sequenceOf(
  recipe: WindowRecipe,
  held: readonly [Tensor, Tensor, Tensor],
  shake: Shake = still,
  log: string[] = [],
) {
  const { places, joined } = recipe;
  return (x: Tensor): Tensor => {
    const all: Tensor[] = [];
    let before = windowAt(held[0], joined, 0);
    for (let t = 0; t < places; t++) {
      const arrays = [held[0], shake(x), held[2].detach()];
      before = placeOf(recipe, arrays, before, t, shake, log);
      all.push(before);
      if (joined % 3 === 1) {
        // A place is written into, as into a cache of keys.
        const k = (joined + t) % (length - 1);
        const [head, tail] = [T.slice(held[2].detach(), [0, k]), T.slice(held[2].detach(), [k + 1, length])];
        held[2].assign(T.cat([head, T.reshape(before.detach(), [1, ...before.shape]), tail]));
      }
    }
    return joins[(joined >> 3) % joins.length]!(all);
  };
}

/** What is differentiated: results, gradients, gradients of gradients in float64, and what is held afterwards. */
function slopesOf(run: (x: Tensor) => Tensor, held: readonly [Tensor, Tensor, Tensor], from: Tensor): Tensor[] {
  const x = from.detach();
  x.requiresGrad = true;
  const y = run(x);
  const gradientsOf = (z: Tensor): Tensor[] =>
    T.gradients(z, [held[0], x], { createGraph: true, allowUnused: true }).map(
      (g, i) => g ?? T.zerosLike([held[0], x][i]!),
    );
  const weights = T.add(T.reshape(T.cos(T.arange(y.size).to(y.dtype)), [...y.shape]), 0.1);
  const first = y.requiresGrad ? gradientsOf(T.sum(T.mul(y, weights))) : [];
  const norm = first.reduce((sum, g) => T.add(sum, T.sum(T.tanh(g))), T.zeros([], { dtype: y.dtype }));
  const second = x.dtype === "float64" && norm.requiresGrad ? gradientsOf(norm) : [];
  return [y, ...first, ...second, held[2]].map((z) => z.detach());
}

/** Runs such a program, its gradients in eager code around it, and both in one program. */
export function checkWindows(recipe: WindowRecipe): void {
  const { rows, columns, dtype, seed } = recipe;
  const drawn = (k: number): Tensor =>
    T.randn([length, rows, columns], { dtype, generator: new T.Generator(seed + k) });
  const make = (isWhole: boolean, log: string[] = [], shake = still) => {
    const held = [drawn(0), drawn(1), drawn(2)] as const;
    held[0].requiresGrad = true;
    const own = sequenceOf(recipe, held, shake, log);
    return { state: held, fn: isWhole ? (x: Tensor) => slopesOf(own, held, x) : (x: Tensor) => [own(x)] };
  };
  const log: string[] = [];
  const eager = make(true, log);
  // Backward from outside would need what the function has overwritten.
  const all = (recipe.joined % 3 === 1 ? [true] : [true, false]).flatMap((isWhole) =>
    others(() => make(isWhole)).map(({ name, run, state }) => ({
      name: isWhole ? `${name}, whole` : name,
      state,
      of: (x: Tensor) => (isWhole ? run(x) : slopesOf((z) => run(z)[0]!, state, x)),
    })),
  );
  for (let run = 0; run < 3; run++) {
    const x = drawn(3 + run);
    const before = eager.state.map((own) => own.detach());
    log.length = 0;
    const wanted = eager.fn(x);
    for (const { name, of, state } of all) {
      const got = of(x);
      const fault = faultOf(
        (shaken: readonly Tensor[][]) => disagreement(got, wanted, false, null, shaken),
        (shake) => {
          const own = make(true, [], shake);
          own.state.forEach((z, i) => void z.assign(before[i]!));
          return own.fn(x);
        },
      );
      if (fault !== null)
        throw new Error(`${name}: run ${run}: ${fault}\n${log.join("\n")}\n${JSON.stringify(recipe)}`);
      state.forEach((z, i) => void z.assign(eager.state[i]!.detach()));
    }
  }
}
