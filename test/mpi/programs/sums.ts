import { group, print, refusal } from "./group.ts";

// Sums and largest ones at the edges: what each rank gets, and how far it is from what is exact.

const { rank, size } = group;

/** Numbers of a rank, of many sizes and both signs: the same ones wherever they are asked for. */
function numbersOf(of: number, exponents: number): number[] {
  let state = of + 1;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: 500 }, () => (next() - 0.5) * 2 ** Math.floor(next() * exponents));
}

/** A double as a whole number of 2⁻¹⁰⁷⁴, and back, rounded. */
const units = 2n ** 1074n;
function exactly(v: number): bigint {
  let [x, shift] = [v, 0];
  while (!Number.isInteger(x)) [x, shift] = [x * 2, shift + 1];
  return (BigInt(x) * units) / 2n ** BigInt(shift);
}
const abs = (x: bigint): bigint => (x < 0n ? -x : x);

for (const [Class, bits] of [
  [Float32Array, 23],
  [Float64Array, 52],
] as const) {
  const own = Class.from(numbersOf(rank, 30));
  group.allReduce(own);
  const all = Array.from({ length: size }, (_, of) => Class.from(numbersOf(of, 30)));
  const isWithin = own.every((sum, i) => {
    const parts = all.map((x) => exactly(x[i]!));
    const exact = parts.reduce((a, b) => a + b);
    const bound = parts.reduce((a, b) => a + abs(b), 0n) * BigInt(size - 1);
    return abs(exactly(sum) - exact) * 2n ** BigInt(bits) <= bound;
  });
  const isSame = group.gather(own).every((v, i) => Object.is(v, own[i % own.length]));
  print({ dtype: Class.name, isWithin, isSame, isRounded: own.some((v, i) => exactly(v) !== all.reduce((a, x) => a + exactly(x[i]!), 0n)) }); // biome-ignore format: one line
}

const counts = Int32Array.of(rank, 2 ** 31 - 1 - rank, -(2 ** 31) + rank);
const before = [...counts];
print({ overflow: refusal(() => group.allReduce(counts)), isKept: String(counts) === String(before) });
const fitting = Int32Array.of(2 ** 29 - 1, -(2 ** 29));
group.allReduce(fitting);
print({ fitting: [...fitting] });

const largest = Float64Array.of(rank === 1 ? Number.NaN : rank, rank === 0 ? 0 : -0, -rank, Number.NEGATIVE_INFINITY);
group.allReduce(largest, "max");
print({ largest: [...largest].map((v) => (Object.is(v, -0) ? "-0" : String(v))) });
const none = new Float32Array(0);
group.allReduce(none);
group.broadcast(none, size - 1);
print({ none: [...none, ...group.gather(none)] });
