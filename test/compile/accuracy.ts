import { compile } from "../../src/compile/index.ts";
import { exp, log, sigmoid, type Tensor, tanh, tensor } from "../../src/index.ts";

// Prints how far the compiled elementary functions are from float64, over every `stride`-th float32 there is: npx tsx test/compile/accuracy.ts

const stride = Number(process.argv[2] ?? 64);
const chunk = 1 << 20;

const functions: [name: string, fn: (x: Tensor) => Tensor, exact: (x: number) => number][] = [
  ["exp", exp, Math.exp],
  ["log", log, Math.log],
  ["tanh", tanh, Math.tanh],
  ["sigmoid above −87", sigmoid, (x) => (x > -87 ? 1 / (1 + Math.exp(-x)) : Number.NaN)],
];

/** The spacing of float32 numbers at x. */
const ulpAt = (x: number): number => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 23);

/** The largest error in units in the last place, and where; infinite if an infinity or NaN is not where it should be. */
export function worstError(
  fn: (x: Tensor) => Tensor,
  exact: (x: number) => number,
  step: number,
): [ulps: number, at: number] {
  const run = compile(fn);
  let worst: [number, number] = [0, Number.NaN];
  for (let bits = 0; bits < 2 ** 32; bits += chunk * step) {
    const xs = new Float32Array(Uint32Array.from({ length: chunk }, (_, i) => bits + i * step).buffer);
    const ys = run(tensor(xs)).data;
    for (let i = 0; i < chunk; i++) {
      const [got, wanted] = [ys[i]!, exact(xs[i]!)];
      if (Number.isNaN(wanted) ? Number.isNaN(got) || xs[i]! <= -87 : got === Math.fround(wanted)) continue;
      const areFinite = Number.isFinite(got) && Number.isFinite(Math.fround(wanted));
      const ulps = areFinite ? Math.abs(got - wanted) / ulpAt(wanted) : Number.POSITIVE_INFINITY;
      if (ulps > worst[0]) worst = [ulps, xs[i]!];
    }
  }
  return worst;
}

if (process.argv[1]?.endsWith("accuracy.ts")) {
  for (const [name, fn, exact] of functions) {
    const [ulps, at] = worstError(fn, exact, stride);
    console.log(`${name}: at most ${ulps.toFixed(2)} ulp, at ${at}`);
  }
}
