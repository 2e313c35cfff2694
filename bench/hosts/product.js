// What `bench/hosts/index.ts` has each program run: GFLOP/s of a compiled product of 1024 × 1024 matrices, and whether the engine has relaxed SIMD's multiply-add.
import { compile } from "../../dist/compile.js";
import { matmul, randn } from "../../dist/index.js";

const size = 1024;
const [a, b] = [randn([size, size]), randn([size, size])];
const product = compile((x, y) => matmul(x, y));
const times = [];
for (let call = 0; call < 60; call++) {
  const start = performance.now();
  product(a, b);
  times.push(performance.now() - start);
}
const [middle] = times.sort((x, y) => x - y).slice(times.length >> 1);
// A function of no parameters that returns f32x4.relaxed_madd of three zeros.
const zero = [0xfd, 12, ...new Array(16).fill(0)];
const body = [0, ...zero, ...zero, ...zero, 0xfd, 0x85, 2, 0x0b];
const types = [1, 5, 1, 0x60, 0, 1, 0x7b];
const code = [10, body.length + 2, 1, body.length, ...body];
const hasMadd = WebAssembly.validate(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...types, 3, 2, 1, 0, ...code));
console.log(JSON.stringify({ rate: (2 * size ** 3) / middle / 1e6, hasMadd }));
