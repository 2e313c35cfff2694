// From which size on a product gains by leaving the program, and how much: `npm run example bench/blasSizes.ts`. Microseconds of a product, in
// compiled code without and with BLAS, in eager code, and of the library alone, called by koffi. Small ones are done many times in one program, so that the call of the program does not hide them.
import { matmul, type Tensor, tensor } from "tinygrad-ts";
import { blas, useBlas } from "tinygrad-ts/blas";
import { compile } from "tinygrad-ts/compile";
import { numbers } from "./run/data.ts";

const library = await blas();
console.log(library.version, `Node ${process.versions.node}`);
const shapes = [4, 6, 8, 12, 16, 24, 32, 64, 256, 1024].map((n) => [n, n, n] as const);
const others = [
  [1, 8, 8],
  [1, 64, 64],
  [1, 784, 128],
  [8, 8, 1],
  [64, 64, 1],
  [128, 784, 1],
  [64, 1, 64],
  [32, 2, 16],
  [64, 128, 10],
  [10, 64, 128],
  // The large ones of the steps B and C of `npm run bench`: forward, and of the weights' gradients.
  [64, 784, 128],
  [128, 64, 784],
  [256, 1024, 1024],
  [1024, 256, 1024],
] as const;
for (const [m, k, n] of [...shapes, ...others]) {
  const repeats = Math.max(1, Math.min(50, Math.floor(1e6 / (m * k * n))));
  const pairs = Array.from({ length: repeats }, (_, i) => [matrix(2 * i, m, k), matrix(2 * i + 1, k, n)] as const);
  const results = pairs.map(() => tensor(new Float32Array(m * n)).reshape([m, n]));
  const into = () => pairs.forEach(([a, b], i) => void results[i]!.assign(matmul(a, b)));
  const [ours, theirs] = [compile(into), compile(into)];
  const raw = pairs.map(([a, b]) => [a.data, b.data, new Float32Array(m * n)] as const);
  const product = { dtype: "float32", batch: 1, m, k, n, transposeA: false, transposeB: false } as const;
  const times: Record<string, number> = {};
  for (let round = 0; round < 3; round++) {
    note("compiled", () => ours());
    note("eager", into);
    const stop = useBlas(library);
    note("compiled, BLAS", () => theirs());
    note("eager, BLAS", into);
    stop();
    note("alone", () => raw.forEach(([a, b, y]) => void library.multiplyArrays(product, a, b, y)));
  }
  const text = Object.entries(times).map(([name, us]) => `${name} ${us.toFixed(2)}`);
  const speed = (us: number | undefined): string => ((2 * m * k * n) / us! / 1000).toFixed(1);
  const speeds = `${speed(times["compiled, BLAS"])} of ${speed(times["alone"])} GFLOP/s`;
  console.log(`${m}×${k}×${n}: ${text.join("   ")}   ${speeds}`);

  function note(name: string, run: () => void): void {
    for (let i = 0; i < 3; i++) run();
    const start = performance.now();
    let runs = 0;
    for (; performance.now() - start < 25; runs++) run();
    const us = ((performance.now() - start) * 1000) / runs / repeats;
    times[name] = Math.min(times[name] ?? Number.POSITIVE_INFINITY, us);
  }
}

function matrix(seed: number, rows: number, columns: number): Tensor {
  return tensor(numbers(seed, rows * columns, 1)).reshape([rows, columns]);
}
