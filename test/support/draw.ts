import fc from "fast-check";
import { allocate, type DType, type TypedArray } from "../../src/core/dtype.ts";
import { type Shape, sizeOf } from "../../src/core/shape.ts";
import type { Draw, Input } from "../../src/ops/cases.ts";
import { Tensor } from "../../src/tensor.ts";

/** A reproducible stream of numbers in [0, 1), for values: a failing case shrinks in its shapes, not in its digits. */
export function stream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 4) / 2 ** 28;
  };
}

/** An input that was drawn, with a second set of values of the same kind to overwrite it with. */
export class Drawn implements Input {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly values: TypedArray;
  readonly others: TypedArray;

  constructor(shape: Shape, dtype: DType, fill: (values: TypedArray, next: () => number) => void, seed: number) {
    this.shape = shape;
    this.dtype = dtype;
    this.values = allocate(dtype, sizeOf(shape));
    this.others = allocate(dtype, sizeOf(shape));
    fill(this.values, stream(seed));
    fill(this.others, stream(seed ^ 0x5bd1e995));
  }

  get isFloat(): boolean {
    return this.dtype === "float64";
  }

  /** A fresh leaf with these values; floating ones require a gradient, in `dtype` if it is given. */
  leaf(dtype: DType = this.dtype, values: ArrayLike<number> = this.values): Tensor {
    const own = this.isFloat ? dtype : this.dtype;
    const copy = allocate(own, values.length);
    copy.set(values);
    const x = new Tensor(copy, this.shape, own);
    if (this.isFloat) x.requiresGrad = true;
    return x;
  }

  toString(): string {
    return `${this.dtype}[${this.shape.join(", ")}] {${Array.from(this.values).join(", ")}}`;
  }
}

const seeds = (): fc.Arbitrary<number> => fc.noShrink(fc.integer({ min: 0, max: 0x7fffffff }));

/** What an op's cases draw from, on top of a fast-check generator. */
export function drawFrom(g: fc.GeneratorValue): Draw {
  let distinctTensors = 0;
  const int = (low: number, high: number): number => (low === high ? low : g(fc.integer, { min: low, max: high }));
  // One size in eight is 0 where that is allowed: of evenly drawn shapes, half would be empty.
  const size = (low: number, high: number): number =>
    low === 0 && int(0, 7) === 7 ? 0 : int(Math.min(low || 1, high), high);
  const draw: Draw = {
    int,
    pick: (options) => options[int(0, options.length - 1)]!,
    shape: ({ minRank = 0, maxRank = 3, minSize = 0, maxSize = 4 } = {}) =>
      Array.from({ length: int(minRank, Math.max(minRank, maxRank)) }, () => size(minSize, maxSize)),
    broadcastPair: () => {
      const shape = draw.shape();
      const one = (): number[] =>
        shape.map((n) => (int(0, 3) === 3 ? 1 : n)).slice(int(0, 3) === 3 ? int(0, shape.length) : 0);
      return [one(), one()];
    },
    permutation: (n) => {
      const order = Array.from({ length: n }, (_, i) => i);
      for (let i = 0; i < n - 1; i++) {
        const j = int(i, n - 1);
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      return order;
    },
    floats: (shape, { low = -3, high = 3, avoid = [], distinct = false } = {}) => {
      const turn = distinct ? distinctTensors++ % 3 : 0;
      const clear = (v: number): boolean => avoid.every((a) => Math.abs(v - a) > 0.05);
      const free = (values: TypedArray, next: () => number): void => {
        for (let i = 0; i < values.length; ) {
          const v = low + Math.round(next() * (high - low) * 1024) / 1024;
          if (clear(v)) values[i++] = v;
        }
      };
      // Points of a grid that distinct tensors share, each taking every third: no two values of theirs are close.
      const apart = (values: TypedArray, next: () => number): void => {
        const points = 3 * Math.max(96, values.length);
        const place = (i: number): number => low + ((i + 0.37) / points) * (high - low);
        const grid = Array.from({ length: points / 3 }, (_, i) => place(3 * i + turn)).filter(clear);
        for (let i = 0; i < values.length; i++) {
          const [v] = grid.splice(Math.floor(next() * grid.length), 1);
          values[i] = v!;
        }
      };
      return new Drawn(shape, "float64", distinct ? apart : free, g(seeds));
    },
    ints: (shape, low, high) => {
      const fill = (values: TypedArray, next: () => number): void => {
        for (let i = 0; i < values.length; i++) values[i] = low + Math.floor(next() * (high - low + 1));
      };
      return new Drawn(shape, "int32", fill, g(seeds));
    },
    orders: (shape, axis) => {
      const [n, inner] = [shape[axis]!, sizeOf(shape.slice(axis + 1))];
      const fill = (values: TypedArray, next: () => number): void => {
        for (let start = 0; start < values.length; start++) {
          if (Math.floor(start / inner) % n !== 0) continue;
          const rest = Array.from({ length: n }, (_, i) => i);
          for (let i = 0; i < n; i++) values[start + i * inner] = rest.splice(Math.floor(next() * rest.length), 1)[0]!;
        }
      };
      return new Drawn(shape, "int32", fill, g(seeds));
    },
    bools: (shape) => {
      const fill = (values: TypedArray, next: () => number): void => {
        for (let i = 0; i < values.length; i++) values[i] = next() < 0.5 ? 0 : 1;
      };
      return new Drawn(shape, "bool", fill, g(seeds));
    },
  };
  return draw;
}
