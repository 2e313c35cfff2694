import type { Random } from "fast-check";
import { textOf, ValueError } from "../core/errors.ts";
import type { Move, Recipe } from "./arbitrary.ts";
import { conditionNumber, isPositiveDefinite } from "./condition.ts";
import { checkNames, countRange } from "./options.ts";
import { onceIn, uniform } from "./random.ts";
import { type Round, simplerNumbers } from "./simplicity.ts";

/** Which square matrices there are. */
export interface MatrixConstraints {
  /** The exact number of rows and of columns, instead of the two that follow. */
  readonly size?: number;
  /** Least number of rows and of columns; 1 by default. */
  readonly minSize?: number;
  /** Greatest number of rows and of columns; 4 by default, or `minSize` if that is more. */
  readonly maxSize?: number;
  /** Greatest condition number in the 2-norm, from 1 to 1e12; 100 by default. */
  readonly maxCondition?: number;
}

/** A square matrix, row-major. It is never changed. */
export interface Matrix {
  readonly n: number;
  readonly values: Float64Array;
}

const exact: Round = (v) => v;

/** Square matrices of bounded condition, any or the symmetric positive definite ones. */
export class MatrixSpace implements Recipe<Matrix, number[][]> {
  private readonly isSpd: boolean;
  private readonly minSize: number;
  private readonly maxSize: number;
  private readonly maxCondition: number;

  /** @throws {@link ValueError} for sizes or bounds that are none. */
  constructor(op: string, constraints: MatrixConstraints, isSpd: boolean) {
    checkNames(op, constraints, ["size", "minSize", "maxSize", "maxCondition"]);
    [this.minSize, this.maxSize] = countRange(op, constraints, ["size", "minSize", "maxSize"], [1, 4], 1);
    const { maxCondition = 100 } = constraints;
    if (!(typeof maxCondition === "number" && maxCondition >= 1 && maxCondition <= 1e12)) {
      throw new ValueError(op, "maxCondition must be from 1 to 1e12", textOf(maxCondition));
    }
    this.maxCondition = maxCondition;
    this.isSpd = isSpd;
  }

  draw(random: Random, isBiased: boolean): Matrix {
    const n = random.nextInt(this.minSize, isBiased ? Math.min(this.maxSize, this.minSize + 1) : this.maxSize);
    if (isBiased || onceIn(random, 4)) return this.drawSimple(random, n);
    const any = this.drawSpectrum(random, n);
    const rounded = { n, values: any.values.map((v) => Math.round(v * 10) / 10 + 0) };
    for (const matrix of onceIn(random, 3) ? [rounded, any] : [any]) if (this.accepts(matrix)) return matrix;
    return this.drawSimple(random, n);
  }

  /** Fewer rows and columns; the identity; each row, then each entry, nearer to that of the identity. */
  moves(matrix: Matrix): Move<Matrix>[] {
    const { n } = matrix;
    const moves: Move<Matrix>[] = [];
    const kept = (matrices: Matrix[]) => matrices.filter((next) => this.accepts(next));
    if (n > this.minSize) {
      moves.push(() => [identity(this.minSize)]);
      for (let i = 0; i < n; i++) {
        moves.push(() => kept(this.isSpd ? [minor(matrix, i, i)] : range(n).map((j) => minor(matrix, i, j))));
      }
    }
    moves.push(() => kept(this.with(matrix, (i, j) => target(i, j))));
    for (let row = 0; row < n; row++) {
      moves.push(() =>
        kept(this.with(matrix, (i, j, v) => (i === row || (this.isSpd && j === row) ? target(i, j) : v))),
      );
    }
    for (let row = 0; row < n; row++) {
      for (let column = this.isSpd ? row : 0; column < n; column++) {
        moves.push(() => this.simplerAt(matrix, row, column));
      }
    }
    return moves;
  }

  build({ n, values }: Matrix): number[][] {
    return range(n).map((i) => Array.from(values.subarray(i * n, (i + 1) * n)));
  }

  read(value: unknown): Matrix | null {
    if (!Array.isArray(value) || !value.every((row) => Array.isArray(row) && row.length === value.length)) return null;
    const flat: unknown[] = value.flat();
    if (!flat.every((v) => Number.isFinite(v))) return null;
    const matrix = { n: value.length, values: Float64Array.from(flat as number[]) };
    return this.accepts(matrix) ? matrix : null;
  }

  private accepts({ n, values }: Matrix): boolean {
    if (n < this.minSize || n > this.maxSize) return false;
    if (this.isSpd) {
      const isSymmetric = values.every((v, at) => v === values[(at % n) * n + Math.floor(at / n)]);
      if (!isSymmetric || !isPositiveDefinite(values, n)) return false;
    }
    const condition = conditionNumber(values, n);
    // A margin for rounding, so no other way to compute it finds more; the identity needs none.
    return condition === 1 || condition * (1 + 1e-9) <= this.maxCondition;
  }

  /** The identity with some entries replaced by small integers. */
  private drawSimple(random: Random, n: number): Matrix {
    let matrix = identity(n);
    for (let change = random.nextInt(0, n * n); change > 0; change--) {
      const [row, column, v] = [random.nextInt(0, n - 1), random.nextInt(0, n - 1), random.nextInt(-3, 3)];
      const next = this.replace(matrix, row, column, v);
      if (this.accepts(next)) matrix = next;
    }
    return matrix;
  }

  /** Singular values around 1, their logarithms uniform, between random rotations; for a positive definite matrix, one and its inverse. */
  private drawSpectrum(random: Random, n: number): Matrix {
    const span = Math.log(this.maxCondition) * (random.nextInt(0, 3) === 0 ? 0.99 : uniform(random));
    const values = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      const sign = !this.isSpd && onceIn(random, 2) ? -1 : 1; // reflections in pairs would leave the determinant positive
      values[i * n + i] = sign * Math.exp(span * (uniform(random) - 0.5));
    }
    for (let k = 1; k < n; k++) {
      const u = direction(random, n);
      const v = this.isSpd ? u : direction(random, n);
      reflect(values, n, u, n, 1);
      reflect(values, n, v, 1, n);
    }
    if (this.isSpd) {
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) values[j * n + i] = values[i * n + j]!;
    }
    return { n, values };
  }

  private replace({ n, values }: Matrix, row: number, column: number, v: number): Matrix {
    const next = values.slice();
    next[row * n + column] = v;
    if (this.isSpd) next[column * n + row] = v;
    return { n, values: next };
  }

  private simplerAt(matrix: Matrix, row: number, column: number): Matrix[] {
    const v = matrix.values[row * matrix.n + column]!;
    const first = target(row, column);
    if (v === first) return [];
    return [...new Set([first, ...simplerNumbers(v, exact)])]
      .map((next) => this.replace(matrix, row, column, next))
      .filter((next) => this.accepts(next));
  }

  /** Entries replaced, at least one of them. */
  private with({ n, values }: Matrix, entry: (i: number, j: number, v: number) => number): Matrix[] {
    const next = values.map((v, at) => entry(Math.floor(at / n), at % n, v));
    return next.every((v, at) => v === values[at]) ? [] : [{ n, values: next }];
  }
}

/** The entry of the identity: the simplest there. */
function target(i: number, j: number): number {
  return i === j ? 1 : 0;
}

function identity(n: number): Matrix {
  return { n, values: new Float64Array(n * n).map((_, at) => target(Math.floor(at / n), at % n)) };
}

/** A matrix less a row and a column. */
function minor({ n, values }: Matrix, row: number, column: number): Matrix {
  return { n: n - 1, values: values.filter((_, at) => Math.floor(at / n) !== row && at % n !== column) };
}

/** A random direction: normal in each coordinate but for a sum of twelve instead of a logarithm. */
function direction(random: Random, n: number): Float64Array {
  const u = new Float64Array(n).map(() => range(12).reduce((sum) => sum + uniform(random), -6));
  const norm = Math.hypot(...u);
  return norm > 0 ? u.map((v) => v / norm) : direction(random, n);
}

/** Householder's reflection of every row (or column): `x − 2 u (u · x)`. */
function reflect(values: Float64Array, n: number, u: Float64Array, across: number, along: number): void {
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += u[k]! * values[i * across + k * along]!;
    for (let k = 0; k < n; k++) values[i * across + k * along]! -= 2 * u[k]! * sum;
  }
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
