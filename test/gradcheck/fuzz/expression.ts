import { Random } from "../random.ts";
import { type Operation, operations } from "./operations.ts";

/** One step of an expression: an operation on what earlier steps gave, or on inputs and constants. */
interface Step {
  readonly operation: Operation;
  readonly a: number;
  readonly b: number;
}

/** A random expression at a random point. Its gradient comes from dual numbers, one input after the other, and knows nothing of the checker. */
export class Expression {
  readonly x: Float64Array;
  readonly #constants: readonly number[];
  readonly #steps: readonly Step[] = [];
  readonly #slots: Float64Array;
  readonly #slopes: Float64Array;
  /** Sines and cosines that turn more than once as the input moves by its own size. */
  readonly #waves = new Set<number>();

  constructor(seed: number) {
    const random = new Random(seed, "expression");
    const n = random.int(1, 4);
    const scale = random.uniform(0, 1) < 0.25 ? random.power(-3, 3) : 1;
    const isRound = random.uniform(0, 1) < 0.1;
    this.x = random.vector(n, -3, 3).map((v) => scale * (isRound ? Math.round(v) || 1 : v));
    this.#constants = [random.uniform(-2, 2), random.int(1, 9), random.uniform(0, 1) < 0.1 ? random.power(0, 8) : 0.5];
    const first = n + this.#constants.length;
    const count = random.int(2, 12);
    const steps: Step[] = [];
    for (let k = 0; k < count; k++) {
      const operation = operations[random.int(0, operations.length - 1)]!;
      const pick = (): number => (k > 0 && random.uniform(0, 1) < 0.5 ? first + k - 1 : random.int(0, first + k - 1));
      const [a, b] = [pick(), pick()];
      steps.push({ operation, a, b });
    }
    this.#steps = steps;
    this.#slots = new Float64Array(first + count);
    this.#slopes = new Float64Array(first + count);
  }

  /** The value at a point. */
  value(x: Float64Array): number {
    return this.#value(x, -1, 0);
  }

  /** @param fixed - the step that gives a number of one's own, whatever its inputs. */
  #value(x: ArrayLike<number>, fixed: number, number: number): number {
    const slots = this.#slots;
    const n = this.#start(x);
    for (const [k, { operation, a, b }] of this.#steps.entries()) {
      slots[n + k] = k === fixed ? number : operation.value(slots[a]!, slots[b]!);
    }
    return slots[slots.length - 1]!;
  }

  /** Whether f turns often, and by little more than it rounds, as 10¹⁵ + sin x does: then no value shows its slope. Known once the gradient is. */
  get isHiddenWave(): boolean {
    const value = this.value(this.x);
    const moves = (k: number): number =>
      Math.max(...[-1, 1].map((end) => Math.abs(this.#value(this.x, k, end) - value)));
    return [...this.#waves].some((k) => moves(k) <= 64 * Number.EPSILON * Math.abs(value));
  }

  /** The gradient at the point; null where there is none to compare: none or more than one by mathematics (NaN, infinity, a kink), none but zeros. */
  gradient(): Float64Array | null {
    const gradient = this.slopes(this.x);
    const hasKink = this.#steps.some(({ operation, a, b }) => operation.isKink?.(this.#slots[a]!, this.#slots[b]!));
    const hasValue = gradient.every(Number.isFinite) && Number.isFinite(this.#slots.at(-1)!);
    return hasValue && !hasKink && gradient.some((g) => g !== 0) ? gradient : null;
  }

  /** The derivatives by the inputs at a point, whatever they are worth there. */
  slopes(x: Float64Array): Float64Array {
    const [slots, slopes] = [this.#slots, this.#slopes];
    return x.map((_, i) => {
      const n = this.#start(x);
      slopes.fill(0);
      slopes[i] = 1;
      for (const [k, { operation, a, b }] of this.#steps.entries()) {
        const y = operation.value(slots[a]!, slots[b]!);
        const [byA, byB] = operation.partials(slots[a]!, slots[b]!, y);
        slots[n + k] = y;
        const turns = /sin|cos/.test(operation.name) && Math.abs(slopes[a]! * x[i]!) > 8;
        if (turns && x === this.x) this.#waves.add(k);
        slopes[n + k] = byA * slopes[a]! + (operation.arity === 2 ? byB * slopes[b]! : 0);
      }
      return slopes.at(-1)!;
    });
  }

  /** The expression, to read. */
  toString(): string {
    const names = [...this.x.keys()].map((i) => `x${i}`).concat(this.#constants.map(String));
    for (const { operation, a, b } of this.#steps) {
      names.push(`${operation.name}(${names[a]}${operation.arity === 2 ? `, ${names[b]}` : ""})`);
    }
    return `${names.at(-1)} at [${this.x.join(", ")}]`;
  }

  #start(x: ArrayLike<number>): number {
    this.#slots.set(Float64Array.from(x));
    this.#slots.set(this.#constants, this.x.length);
    return this.x.length + this.#constants.length;
  }
}
