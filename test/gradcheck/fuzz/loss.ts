import { Random } from "../random.ts";

/** Rounds what is computed: to float32, or not at all. */
type Round = (v: number) => number;

/** A result, and what takes a derivative with respect to it back to the input. */
interface Applied {
  readonly y: ArrayLike<number>;
  pull(dy: ArrayLike<number>): Float64Array;
}

/** A step of a loss. */
interface Layer {
  readonly name: string;
  apply(x: ArrayLike<number>, round: Round): Applied;
}

/** A function of one number, as a float32 library rounds it, and its derivative. */
interface Activation {
  readonly name: string;
  of(a: number, round: Round): number;
  slope(a: number): number;
}

const exact: Round = (v) => v;
const sigmoid = (a: number): number => 1 / (1 + Math.exp(-a));
const root = Math.sqrt(2 / Math.PI);
const cubic = (a: number): number => root * (a + 0.044715 * a ** 3);

const activations: readonly Activation[] = [
  { name: "identity", of: (a) => a, slope: () => 1 },
  { name: "square", of: (a, round) => round(a * a), slope: (a) => 2 * a },
  { name: "cube", of: (a, round) => round(round(a * a) * a), slope: (a) => 3 * a * a },
  { name: "sin", of: (a, round) => round(Math.sin(a)), slope: Math.cos },
  { name: "tanh", of: (a, round) => round(Math.tanh(a)), slope: (a) => 1 - Math.tanh(a) ** 2 },
  { name: "sigmoid", of: (a, round) => round(sigmoid(a)), slope: (a) => sigmoid(a) * sigmoid(-a) },
  {
    name: "swish",
    of: (a, round) => round(a * round(sigmoid(a))),
    slope: (a) => sigmoid(a) * (1 + a * sigmoid(-a)),
  },
  { name: "softplus", of: (a, round) => round(Math.log1p(Math.exp(a))), slope: sigmoid },
  {
    name: "bump",
    of: (a, round) => round(Math.exp(-round(a * a))),
    slope: (a) => -2 * a * Math.exp(-a * a),
  },
  {
    name: "log(1 + a²)",
    of: (a, round) => round(Math.log(round(1 + round(a * a)))),
    slope: (a) => (2 * a) / (1 + a * a),
  },
  {
    name: "gelu",
    of: (a, round) => round(round(a / 2) * round(1 + round(Math.tanh(cubic(a))))),
    slope: (a) => {
      const t = Math.tanh(cubic(a));
      return (1 + t) / 2 + (a / 2) * (1 - t * t) * root * (1 + 3 * 0.044715 * a * a);
    },
  },
];

function activation(random: Random): Layer {
  const { name, of, slope } = activations[random.int(0, activations.length - 1)]!;
  return {
    name,
    apply: (x, round) => ({
      y: Array.from(x, (v) => of(v, round)),
      pull: (dy) => Float64Array.from(x, (v, i) => dy[i]! * slope(v)),
    }),
  };
}

/** A sum from the first term to the last, rounded after each. */
function total(x: ArrayLike<number>, round: Round, of: (v: number, i: number) => number = (v) => v): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum = round(sum + of(x[i]!, i));
  return sum;
}

/** Rows of weights times inputs, as a linear layer computes them. */
function linear(random: Random, inputs: number, outputs: number): Layer {
  const rows = Array.from({ length: outputs }, () => Float32Array.from(random.vector(inputs, -1, 1)));
  return {
    name: `linear to ${outputs}`,
    apply: (x, round) => ({
      y: rows.map((row) => total(x, round, (v, i) => round(row[i]! * v))),
      pull: (dy) => Float64Array.from(x, (_, i) => rows.reduce((sum, row, k) => sum + dy[k]! * row[i]!, 0)),
    }),
  };
}

/** Mean 0 and variance 1, as a layer norm makes them. */
const normalized: Layer = {
  name: "layer norm",
  apply(x, round) {
    const n = x.length;
    const mean = round(total(x, round) / n);
    const rest = Array.from(x, (v) => round(v - mean));
    const deviation = round(Math.sqrt(round(round(total(rest, round, (v) => round(v * v)) / n) + 1e-5)));
    const y = rest.map((v) => round(v / deviation));
    const pull = (dy: ArrayLike<number>): Float64Array => {
      const common = y.reduce((sum, _, i) => sum + dy[i]!, 0) / n;
      const along = y.reduce((sum, v, i) => sum + dy[i]! * v, 0) / n;
      return Float64Array.from(y, (v, i) => (dy[i]! - common - v * along) / deviation);
    };
    return { y, pull };
  },
};

/** What makes one number of many: its value, and its derivatives. */
const reduction = (
  name: string,
  of: (x: ArrayLike<number>, round: Round) => number,
  slopes: (x: ArrayLike<number>) => readonly number[],
): Layer => ({
  name,
  apply: (x, round) => ({
    y: [of(x, round)],
    pull: ([dy]: ArrayLike<number> & Iterable<number>) => Float64Array.from(slopes(x), (slope) => dy! * slope),
  }),
});

const constant = (x: ArrayLike<number>, slope: number): number[] => Array.from(x, () => slope);

const reductions: readonly ((random: Random, n: number) => Layer)[] = [
  () => reduction("sum", total, (x) => constant(x, 1)),
  (_, n) =>
    reduction(
      "mean",
      (x, round) => round(total(x, round) / n),
      (x) => constant(x, 1 / n),
    ),
  (_, n) =>
    reduction(
      "mean added up in float64",
      (x, round) => round(total(x, exact) / n),
      (x) => constant(x, 1 / n),
    ),
  (random, n) => {
    const weights = Float32Array.from(random.vector(n));
    const of = (x: ArrayLike<number>, round: Round): number => total(x, round, (v, i) => round(weights[i]! * v));
    return reduction("weighted sum", of, () => [...weights]);
  },
  (random, n) => {
    const targets = Float32Array.from(random.vector(n));
    const of = (x: ArrayLike<number>, round: Round): number =>
      round(total(x, round, (v, i) => round(round(v - targets[i]!) ** 2)) / n);
    return reduction("mean squared error", of, (x) => Array.from(x, (v, i) => (2 / n) * (v - targets[i]!)));
  },
  () => {
    const largest = (x: ArrayLike<number>): number => Array.from(x).reduce((a, b) => Math.max(a, b));
    const of = (x: ArrayLike<number>, round: Round): number => {
      const most = largest(x);
      const sum = total(x, round, (v) => round(Math.exp(round(v - most))));
      return round(round(most + round(Math.log(sum))) - x[0]!);
    };
    return reduction("cross-entropy", of, (x) => {
      const most = largest(x);
      const sum = total(x, exact, (v) => Math.exp(v - most));
      return Array.from(x, (v, i) => Math.exp(v - most) / sum - (i === 0 ? 1 : 0));
    });
  },
];

/** How many entries of a loss are checked. */
const mostChecked = 12;

/** The same kind as Expression, of 100 to 400 inputs, rounded to float32 after each operation. Its gradient is computed in float64. */
export class Loss {
  readonly x: Float32Array;
  readonly isHiddenWave = false;
  readonly leastError = -2;
  readonly #layers: readonly Layer[];

  constructor(seed: number) {
    const random = new Random(seed, "loss");
    const n = Math.round(random.power(2, 2.6));
    const scale = random.uniform(0, 1) < 0.25 ? random.power(-1, 0.5) : 1;
    this.x = Float32Array.from(random.vector(n), (v) => scale * v);
    const between = random.int(0, 3);
    const rows = between === 1 ? random.int(3, 12) : n;
    this.#layers = [
      ...(random.int(0, 1) === 0 ? [activation(random)] : []),
      ...(between === 0 ? [normalized] : []),
      ...(between === 1 ? [linear(random, n, rows)] : []),
      activation(random),
      reductions[random.int(0, reductions.length - 1)]!(random, rows),
    ];
  }

  value(x: ArrayLike<number>): number {
    return this.#layers.reduce<ArrayLike<number>>((values, layer) => layer.apply(values, Math.fround).y, x)[0]!;
  }

  slopes(x: ArrayLike<number>): Float64Array {
    const pulls: Applied["pull"][] = [];
    let values = x;
    for (const layer of this.#layers) {
      const { y, pull } = layer.apply(values, exact);
      values = y;
      pulls.push(pull);
    }
    return pulls.reduceRight<Float64Array>((dy, pull) => pull(dy), Float64Array.of(1));
  }

  /** Null where the loss does not change with its inputs, but for what is next to nothing: the mean of squares behind a layer norm. */
  gradient(): Float64Array | null {
    const gradient = this.slopes(this.x);
    const moves = Math.hypot(...gradient.map((g, i) => g * this.x[i]!));
    return Number.isFinite(moves) && moves >= 1e-3 * Math.abs(this.value(this.x)) ? gradient : null;
  }

  /** Some of the entries whose effect is a tenth of the largest, or more. */
  mattering(gradient: Float64Array): number[] {
    const effects = gradient.map((g, i) => Math.abs(g * this.x[i]!));
    const least = effects.reduce((most, own) => Math.max(most, own)) / 10;
    const all = [...effects.keys()].filter((i) => effects[i]! >= least);
    const step = Math.ceil(all.length / mostChecked);
    return all.filter((_, k) => k % step === 0);
  }

  toString(): string {
    return `${this.#layers.map(({ name }) => name).join(", ")} of ${this.x.length} numbers`;
  }
}
