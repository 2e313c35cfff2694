import { readFileSync } from "node:fs";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";
import { type Elementary, elementary, special, ulpAt } from "./elementary.ts";

// Prints how far the compiled elementary functions are from exact values, in units in the last place:
//   npx tsx test/compile/accuracy.ts [stride [functions]]
// In float32 over every `stride`-th number there is, against JavaScript's float64 (an even stride would leave out all with odd last bits; 1
// takes minutes a function); in float64 at the points of test/fixtures/elementary.

type Tensor = T.Tensor;

/** Exponents for which powers of all float32 are compared; some others are products or roots. */
export const exponents = [-37.5, -1, 0.3, 1.3, 5, 1e-3, 250] as const;

const chunk = 1 << 20;

/** The largest error in units in the last place, and where; infinite if an infinity, NaN or −0 is not where it should be. */
export type Worst = [ulps: number, at: number];

/** Over every `step`-th float32, including subnormal numbers, NaN and infinities. */
export function worstSingle(
  fn: (x: Tensor) => Tensor,
  exact: (x: number) => number,
  step: number,
  deterministic = false,
): Worst {
  const run = compile(fn, { deterministic });
  run(T.zeros([chunk])); // the first call is eager
  let worst: Worst = [0, Number.NaN];
  for (let bits = 0; bits < 2 ** 32; bits += chunk * step) {
    const xs = new Float32Array(Uint32Array.from({ length: chunk }, (_, i) => bits + i * step).buffer);
    const ys = run(T.tensor(xs)).data;
    for (let i = 0; i < chunk; i++) {
      const [got, wanted] = [ys[i]!, exact(xs[i]!)];
      const rounded = Math.fround(wanted);
      if (Object.is(got, rounded)) continue;
      const isRegular = Number.isFinite(got) && Number.isFinite(rounded) && (got !== 0 || rounded !== 0);
      const ulps = isRegular ? Math.abs(got - wanted) / ulpAt(wanted, "float32") : Number.POSITIVE_INFINITY;
      if (ulps > worst[0]) worst = [ulps, xs[i]!];
    }
  }
  return worst;
}

/** Rows of the fixture for a function: argument, exponent, value, and what the value lacks, in ulp. */
export function rowsOf(name: string): Float64Array[] {
  const bytes = readFileSync(new URL("../fixtures/elementary/values.bin", import.meta.url));
  const all = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const unit = all.length / 4 / [...elementary, ...special].reduce((sum, { share }) => sum + share, 0);
  const listed = [...elementary, ...special];
  const k = listed.findIndex((own) => own.name === name);
  const first = unit * listed.slice(0, k).reduce((sum, { share }) => sum + share, 0);
  return Array.from({ length: unit * listed[k]!.share }, (_, i) => all.subarray(4 * (first + i), 4 * (first + i + 1)));
}

/** Over the fixture, in float64. */
export function worstDouble({ name, fn }: Elementary, deterministic = false): Worst {
  const rows = rowsOf(name);
  const column = (k: number): Tensor =>
    T.tensor(
      rows.map((row) => row[k]!),
      { dtype: "float64" },
    );
  const run = compile(fn, { deterministic });
  run(column(0), column(1)); // the first call is eager
  const got = run(column(0), column(1)).data;
  let worst: Worst = [0, Number.NaN];
  rows.forEach(([x, , high, low], i) => {
    const ulps = Math.abs((got[i]! - high!) / ulpAt(high!, "float64") - low!);
    if (!(ulps <= worst[0])) worst = [ulps, x!];
  });
  return worst;
}

if (process.argv[1]?.endsWith("accuracy.ts")) {
  const stride = Number(process.argv[2] ?? 255);
  const names = process.argv.slice(3);
  const said = ([ulps, at]: Worst): string => `${ulps.toFixed(2)} ulp at ${at}`;
  for (const own of special) {
    if (names.length === 0 || names.includes(own.name)) console.log(`${own.name}: float64 ${said(worstDouble(own))}`);
  }
  for (const own of elementary) {
    if (names.length > 0 && !names.includes(own.name)) continue;
    for (const deterministic of [false, true]) {
      const single: Worst =
        own.name === "pow"
          ? exponents
              .map((y) =>
                worstSingle(
                  (x) => T.pow(x, y),
                  (x) => x ** Math.fround(y),
                  stride,
                  deterministic,
                ),
              )
              .reduce((a, b) => (a[0] > b[0] ? a : b))
          : worstSingle((x) => own.fn(x, x), own.exact, stride, deterministic);
      const mode = deterministic ? ", deterministic" : "";
      console.log(`${own.name}${mode}: float32 ${said(single)}, float64 ${said(worstDouble(own, deterministic))}`);
    }
  }
}
