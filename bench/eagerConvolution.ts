// What an eager convolution without `accelerate()` takes beside an eager product of as many multiply-adds: `npx tsx bench/eagerConvolution.ts`. Medians of 31 rounds, in which both take turns.
import { conv2d, matmul, noGrad, randn, type Tensor } from "tinygrad-ts";

const cases = [
  { channels: 16, side: 28, batch: 8 },
  { channels: 64, side: 14, batch: 8 },
] as const;

/** Milliseconds of a call. */
function timeOf(call: () => Tensor): number {
  const start = performance.now();
  call();
  return performance.now() - start;
}

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1]!;

for (const { channels, side, batch } of cases) {
  const x = randn([batch, channels, side, side]);
  const kernel = randn([channels, channels, 3, 3]);
  const [windows, weights] = [randn([batch * side * side, 9 * channels]), randn([9 * channels, channels])];
  const ways = [() => conv2d(x, kernel, { padding: 1 }), () => matmul(windows, weights)] as const;
  const times = Array.from({ length: 31 }, () => ways.map((way) => noGrad(() => timeOf(way))));
  const [convolution, product] = [0, 1].map((i) => median(times.map((round) => round[i]!))) as [number, number];
  console.log(
    `3 × 3, ${channels} to ${channels} at ${side} × ${side}, batch ${batch}: ${convolution.toFixed(2)} ms, product ${product.toFixed(2)} ms, ${(convolution / product).toFixed(2)}×`,
  );
}
