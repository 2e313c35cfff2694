// What it costs to compile the forward pass alone, and call backward() through it, instead of compiling both as one step:
//     npx tsx bench/gradientCost.ts
import { Linear, mse, randn, relu, Sequential, type Tensor } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";

/** Sizes of layers, and how many samples there are. */
const networks = [
  { sizes: [2, 8, 1], batch: 16 },
  { sizes: [64, 128, 10], batch: 64 },
  { sizes: [784, 128, 10], batch: 64 },
  { sizes: [784, 512, 10], batch: 64 },
];
const rounds = Number(process.env["ROUNDS"] ?? 61);

/** A network, and one step by both ways: they leave gradients in the parameters. */
function waysOf(sizes: readonly number[], batch: number): (() => Tensor)[] {
  const layers = sizes.slice(1).flatMap((to, i) => [...(i > 0 ? [relu] : []), new Linear(sizes[i]!, to)]);
  const model = new Sequential(...layers);
  const parameters = model.parameters();
  const zeroGrad = (): void => {
    for (const p of parameters) p.grad = null;
  };
  const [x, y] = [randn([batch, sizes[0]!]), randn([batch, sizes.at(-1)!])];
  const lossOf = (from: Tensor, to: Tensor): Tensor => mse(model.forward(from), to);
  const step = compile((from: Tensor, to: Tensor) => {
    const loss = lossOf(from, to);
    zeroGrad();
    loss.backward();
    return loss;
  });
  const forward = compile(lossOf);
  return [
    () => step(x, y),
    () => {
      const loss = forward(x, y);
      zeroGrad();
      loss.backward();
      return loss;
    },
  ];
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

for (const { sizes, batch } of networks) {
  const ways = waysOf(sizes, batch);
  let calls = 1;
  for (const way of ways) for (let i = 0; i < 300; i++) way();
  const timeOf = (way: () => Tensor): number => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) way();
    return ((performance.now() - start) * 1000) / calls;
  };
  while (timeOf(ways[0]!) * calls < 4000) calls *= 2;
  const times = ways.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    // Who begins takes turns, too.
    for (const k of round % 2 === 0 ? [0, 1] : [1, 0]) times[k]!.push(timeOf(ways[k]!));
  }
  const [both, apart] = times as [number[], number[]];
  const ratio = middle(apart.map((time, i) => time / both[i]!));
  const micro = (own: number[]): string => `${median(own).toFixed(1)} µs`;
  console.log(
    `${sizes.join("-")}, batch ${batch}: one step ${micro(both)}, forward and backward() ${micro(apart)}; ratio ${ratio}`,
  );
}
