import { type Direction, indicesOf, powerOfTwo } from "./direction.ts";
import { purposes, wordsFor } from "./draw.ts";
import { roomOf } from "./samples.ts";
import { isFloat32, type Subject } from "./subject.ts";
import type { Task } from "./task.ts";

/** Points of a difference table. */
const points = 8;

/** How far apart the points are whose values show the roundings of float32, and no curvature yet. */
const spacingOfFloat32 = 2 ** -21;

/** From how close the points are at first to how far they are apart at most, relative to the input. */
const spacings = { float64: { first: 2 ** -40, last: 2 ** -10 }, float32: { first: 2 ** -18, last: 2 ** -12 } };

/**
 * Whether f rounds to float32: after a step with all its bits, only 1 in 2²⁹ results that were not rounded would be a float32 by
 * chance. (Near a simple x, low polynomials give short results by right.)
 */
export function* roundsToFloat32(subject: Subject, seed: number): Task<boolean> {
  const step = Math.SQRT2 / 137; // 1/97 times weights of ten bits adds up to a multiple of 1/1024 once in 97 times
  const direction = everywhere(subject, seed, step);
  const [far, near] = [yield* subject.displaced(direction, step), yield* subject.displaced(direction, step / 2)];
  if (far === null || near === null) return false;
  // A value that stays is a constant, which may be short by right, unless it has just the bits of a float32.
  const moved = [...near.keys()].filter((j) => near[j] !== subject.base[j] && near[j] !== far[j]);
  const values = (moved.length > 0 ? moved.flatMap((j) => [near[j]!, far[j]!]) : [...near]).filter(
    (v) => !Number.isInteger(v),
  );
  const least = moved.length > 0 ? 12 : 20;
  return values.every((v) => Math.fround(v) === v) && values.some((v) => bitsOf(v) > least);
}

/**
 * Whether f rounds its input to float32, as a network does whose weights are copied into a Float32Array: at a few points, f is the same at
 * the nearest float32 numbers, and not at the next ones. Results that are rounded themselves, to some decimal place, are another thing.
 */
export function* takesFloat32(subject: Subject, seed: number): Task<boolean> {
  if (subject.base.every((value) => Number(value.toPrecision(9)) === value)) return false;
  for (let k = 0; k < 3; k++) {
    const step = 1 / (97 + 2 * k);
    const { indices, weights } = everywhere(subject, seed, step);
    const point = subject.x.slice();
    for (let n = 0; n < indices.length; n++) point[indices[n]!]! += step * weights[n]!;
    const rounded = point.map(Math.fround);
    const [there, nearest] = [yield* subject.at(point), yield* subject.at(rounded)];
    if (there === null || nearest === null || there.some((value, j) => value !== nearest[j])) return false;
    const next = yield* subject.at(rounded.map((value) => Math.fround(value * (1 + 2 ** -22))));
    if (next === null || next.every((value, j) => value === nearest[j])) return false;
  }
  return true;
}

/** From how much to how much of its value the noise of a function may be that of float32. */
const noiseOfFloat32 = [2 ** -31, 2 ** -18] as const;

/** Whether the noise is like that of float32. */
export function isLikeFloat32({ base, noise }: Subject): boolean {
  const [least, most] = noiseOfFloat32;
  return noise.some((own, j) => own > least * Math.abs(base[j]!) && own < most * Math.abs(base[j]!));
}

/**
 * Noise that was measured over short steps, again over wider ones if f does not move at all over the shortest: where something inside f is
 * rounded to float32, short steps show few of many roundings.
 */
export function* noiseBeyondStillness(subject: Subject, seed: number): Task<Float64Array> {
  const { base, noise } = subject;
  for (let k = 1; k <= 3; k++) {
    const step = k * 2 ** -36;
    const there = yield* subject.displaced(everywhere(subject, seed, step), step);
    if (there === null || there.some((value, j) => value !== base[j])) return noise;
  }
  const direction = everywhere(subject, seed, points * spacingOfFloat32);
  const { rows, isWhole } = yield* rowsAlong(subject, direction, spacingOfFloat32);
  return isWhole ? noise.map((own, j) => Math.max(own, noiseOf(rows.map((row) => row[j]!)))) : noise;
}

/** How many bits a number has from its first 1 to its last; few of them are not sign of a precision: noise is a small multiple of a rounding. */
function bitsOf(value: number): number {
  let part = Math.abs(value) / 2 ** Math.floor(Math.log2(Math.abs(value)));
  let bits = 0;
  for (; part > 0 && bits < 53; bits++) part = (part % 1) * 2;
  return bits;
}

/**
 * Measures the standard deviation of the noise in each result, by differences of its values at a few points that are so close together that
 * a smooth function is straight. Where a result does not move at all, as when it is rounded to some place, the points go further apart
 * until it does. All points lie on one side of x, so a kink at x itself is none on the way.
 */
export function* measureNoise(subject: Subject, seed: number): Task<Float64Array> {
  return yield* noiseAlong(subject, (reach) => everywhere(subject, seed, reach));
}

/** As {@link measureNoise}, along a direction; for one with steps up to `reach` inside the bounds. */
export function* noiseAlong(subject: Subject, directionFor: (reach: number) => Direction): Task<Float64Array> {
  const noise = new Float64Array(subject.base.length);
  const { first, last } = spacings[isFloat32(subject) ? "float32" : "float64"];
  const still = new Set(noise.keys());
  for (let spacing = first; spacing <= last && still.size > 0; spacing *= 64) {
    const { rows, isWhole } = yield* rowsAlong(subject, directionFor(points * spacing), spacing);
    if (!isWhole) return noise;
    for (const j of still) {
      const values = rows.map((row) => row[j]!);
      if (new Set(values).size < 3) continue; // two values may be one jump
      noise[j] = noiseOf(values);
      still.delete(j);
    }
  }
  return noise;
}

/** Values of f at points along a direction, from x on; as far as the domain goes. */
function* rowsAlong(
  subject: Subject,
  direction: Direction,
  spacing: number,
): Task<{ rows: Float64Array[]; isWhole: boolean }> {
  const rows = [subject.base];
  for (let k = 1; k < points; k++) {
    const value = yield* subject.displaced(direction, k * spacing);
    if (value === null) return { rows, isWhole: false };
    rows.push(value);
  }
  return { rows, isWhole: true };
}

/**
 * Moré and Wild's difference table ("Estimating computational noise", 2011): the k-th differences of a straight function hold noise alone,
 * √((2k)!)/k! times its standard deviation.
 */
function noiseOf(values: readonly number[]): number {
  let table = values;
  let gamma = 1;
  let noise = 0;
  for (let k = 1; k <= 5; k++) {
    const before = table;
    table = before.slice(1).map((value, i) => value - before[i]!);
    gamma *= k / (2 * (2 * k - 1)); // (k!)²/(2k)!
    if (k < 3) continue;
    const largest = table.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const relative = largest === 0 ? 0 : table.reduce((sum, value) => sum + (value / largest) ** 2, 0) / table.length;
    noise = Math.max(noise, largest * Math.sqrt(gamma * relative));
  }
  return noise;
}

/**
 * A direction that touches every entry by about its magnitude, with signs that stay inside the bounds for steps up to `reach`. Its weights
 * have as many bits as the steps leave room for: fewer would let the rounding of f fall into step with them.
 */
export function everywhere(subject: Subject, seed: number, reach: number): Direction {
  const { isBounded, elsewhere } = subject;
  const parts = isFloat32(subject) ? 2 ** 4 : 2 ** 10;
  const key = `${seed} ${parts}`;
  // Without bounds, one serves for any reach.
  const direction = (!isBounded && elsewhere.get(key)) || everywhereAt(subject, seed, reach, parts);
  elsewhere.set(key, direction);
  return direction;
}

function everywhereAt(subject: Subject, seed: number, reach: number, parts: number): Direction {
  const { x, lower, upper, magnitudes, isBounded, project } = subject;
  const indices = indicesOf(x.length);
  const drawn = wordsFor(indices, seed, purposes.elsewhere, 0, 10);
  const weights = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const bits = drawn[i]!;
    const share = (parts / 2 + ((bits >>> 1) & (parts / 2 - 1))) / parts; // from ½ to 1
    weights[i] = magnitudes[i]! * (bits & 1 ? share : -share);
  }
  for (let i = 0; i < x.length && isBounded; i++) {
    const step = reach * weights[i]!;
    if (isWithin(x[i]! + step, lower[i]!, upper[i]!)) continue;
    weights[i]! *= isWithin(x[i]! - step, lower[i]!, upper[i]!) ? -1 : 0;
  }
  const direction = project({ indices, weights, id: 0 });
  if (direction === null) return { indices: [], weights: [], id: 0 };
  if (!isBounded) return direction;
  // A constraint may have taken it out of the bounds again.
  const [below, above] = roomOf(subject, direction);
  const room = Math.max(below, above);
  const scale = (above >= below ? 1 : -1) * (room < reach ? powerOfTwo(room / reach) : 1);
  return above >= reach ? direction : { ...direction, weights: Array.from(direction.weights, (w) => scale * w) };
}

function isWithin(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}
