// What it costs to compile the forward pass alone, and call backward() through it, instead of compiling both as one step:
//     npx tsx bench/gradientCost.ts
// Times are the processor's, the garbage collector's included, so that other programs on the machine disturb less; both ways take turns.
import { Linear, mse, mul, randn, relu, Sequential, type Tensor } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";

/** Sizes of layers, and how many samples there are. */
interface Network {
  readonly sizes: readonly number[];
  readonly batch: number;
}

const networks: readonly Network[] = [
  { sizes: [2, 8, 1], batch: 16 },
  { sizes: [64, 128, 10], batch: 64 },
  { sizes: [784, 128, 10], batch: 64 },
  { sizes: [784, 512, 10], batch: 64 },
];
const rounds = Number(process.env["ROUNDS"] ?? 61);

/** One step by several ways, which leave the same gradients in the parameters. */
interface Ways {
  readonly name: string;
  /** One compiled step. */
  readonly both: () => Tensor;
  /** A compiled forward pass, and `backward()` through it. */
  readonly apart: () => Tensor;
}

/** A network with one layer after the other: the loss is compiled, or the network alone. */
function waysOf({ sizes, batch }: Network, isLossCompiled: boolean): Ways {
  const layers = sizes.slice(1).flatMap((to, i) => [...(i > 0 ? [relu] : []), new Linear(sizes[i]!, to)]);
  const model = new Sequential(...layers);
  const [x, y] = [randn([batch, sizes[0]!]), randn([batch, sizes.at(-1)!])];
  const lossOf: Loss = (from, to) => mse(model.forward(from), to);
  const forward = compile((from: Tensor) => model.forward(from));
  return {
    name: `${sizes.join("-")}, batch ${batch}${isLossCompiled ? "" : ", eager loss"}`,
    ...stepsOf(model, x, y, lossOf, isLossCompiled ? compile(lossOf) : (from, to) => mse(forward(from), to)),
  };
}

/** Two results with layers in common, as of a variational encoder, in a loss that is not compiled. */
function headsOf({ sizes: [from, width, to], batch }: Network): Ways {
  const [body, a, b] = [new Linear(from!, width!), new Linear(width!, to!), new Linear(width!, to!)];
  const heads = (x: Tensor): [Tensor, Tensor] => {
    const h = relu(body.forward(x));
    return [a.forward(h), b.forward(h)];
  };
  const lossOf = ([p, q]: readonly [Tensor, Tensor], y: Tensor): Tensor => mse(mul(p, q), y);
  const compiled = compile(heads);
  const [x, y] = [randn([batch, from!]), randn([batch, to!])];
  const model = new Sequential(body, relu, a, b);
  return {
    name: `${from}-${width}-${to} and ${to}, batch ${batch}, eager loss`,
    ...stepsOf(model, x, y, (v, w) => lossOf(heads(v), w), (v, w) => lossOf(compiled(v), w)), // biome-ignore format: one line
  };
}

type Loss = (x: Tensor, y: Tensor) => Tensor;

function stepsOf(model: Sequential, x: Tensor, y: Tensor, loss: Loss, compiled: Loss): Omit<Ways, "name"> {
  const parameters = model.parameters();
  const stepBy =
    (lossOf: Loss): Loss =>
    (from, to) => {
      const value = lossOf(from, to);
      for (const p of parameters) p.grad = null;
      value.backward();
      return value;
    };
  const [both, apart] = [compile(stepBy(loss)), stepBy(compiled)];
  return { both: () => both(x, y), apart: () => apart(x, y) };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** The middle of ratios, and between which two of them it is in 95 of 100 cases, by ranks. */
function middle(ratios: readonly number[]): string {
  const sorted = [...ratios].sort((a, b) => a - b);
  const n = sorted.length;
  const reach = 0.98 * Math.sqrt(n);
  const [low, high] = [sorted[Math.max(0, Math.floor(n / 2 - reach))]!, sorted[Math.min(n - 1, Math.ceil(n / 2 + reach))]!]; // biome-ignore format: a pair
  return `${median(ratios).toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

const all = [...networks.map((own) => waysOf(own, true)), waysOf(networks[2]!, false), headsOf(networks[2]!)];
for (const { name, both, apart } of all) {
  const ways = [both, apart];
  for (const way of ways) for (let i = 0; i < 300; i++) way();
  let calls = 1;
  const timeOf = (way: () => Tensor): number => {
    const start = process.cpuUsage();
    for (let i = 0; i < calls; i++) way();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / calls;
  };
  while (timeOf(both) * calls < 8000) calls *= 2;
  const times = ways.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    // Who begins takes turns, too.
    for (const k of round % 2 === 0 ? [0, 1] : [1, 0]) times[k]!.push(timeOf(ways[k]!));
  }
  const [one, two] = times as [number[], number[]];
  const ratio = middle(two.map((time, i) => time / one[i]!));
  const micro = (own: number[]): string => `${median(own).toFixed(1)} µs`;
  console.log(`| ${name} | ${micro(one)} | ${micro(two)} | ${ratio} |`);
}
