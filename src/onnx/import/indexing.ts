import { withState } from "../../core/runtime.ts";
import { sizeOf } from "../../core/shape.ts";
import { arange, tensor, zeros } from "../../create.ts";
import { add } from "../../ops/add.ts";
import { eq, gt, lt } from "../../ops/compare.ts";
import { gather, scatterAdd } from "../../ops/gather.ts";
import { indexSelect } from "../../ops/indexSelect.ts";
import { maximum, minimum } from "../../ops/maximum.ts";
import { mul } from "../../ops/mul.ts";
import { reshape } from "../../ops/reshape.ts";
import { slice } from "../../ops/slice.ts";
import { sum } from "../../ops/sum.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import { elements } from "../schema.ts";
import { wrapped } from "./elementwise.ts";
import type { Call, Result, Rules } from "./node.ts";

/** Indices below 0 count from the end. */
function counted(index: Tensor, n: number): Tensor {
  return where(lt(index, 0), add(index, n), index);
}

function gathered(call: Call): Tensor {
  const { x } = call;
  const axis = call.axis(call.int("axis", 0), x.shape.length);
  const at = counted(call.indices(1), x.shape[axis]!);
  const rows = indexSelect(x, axis, reshape(at, [at.size]));
  return reshape(rows, [...x.shape.slice(0, axis), ...at.shape, ...x.shape.slice(axis + 1)]);
}

function gatheredElements(call: Call): Tensor {
  const { x } = call;
  const axis = call.axis(call.int("axis", 0), x.shape.length);
  return gather(x, axis, counted(call.indices(1), x.shape[axis]!));
}

/** Of index tuples over the first axes, the number of each in one axis made of those. */
function flatIndex(index: Tensor, sizes: readonly number[]): Tensor {
  const strides = sizes.map((_, i) => sizeOf(sizes.slice(i + 1)));
  const ends = tensor(Int32Array.from(sizes));
  const at = where(lt(index, 0), add(index, ends), index);
  return sum(mul(at, tensor(Int32Array.from(strides))), -1);
}

function gatheredTuples(call: Call): Tensor {
  const batch = call.int("batch_dims", 0);
  const { x } = call;
  const index = call.indices(1);
  const width = index.shape.at(-1) ?? call.invalid("indices must have an axis", "a scalar");
  const lead = sizeOf(x.shape.slice(0, batch));
  const sizes = x.shape.slice(batch, batch + width);
  const rest = x.shape.slice(batch + width);
  const flat = reshape(x, [lead * sizeOf(sizes), ...rest]);
  const tuples = reshape(
    index,
    [lead, -1, width].map((n, i) => (i === 1 ? index.size / Math.max(1, lead * width) : n)),
  );
  const own = flatIndex(tuples, sizes);
  const offsets = reshape(mul(arange(lead, { dtype: "int32" }), sizeOf(sizes)), [lead, 1]);
  const at = add(own, offsets);
  return reshape(indexSelect(flat, 0, reshape(at, [at.size])), [...index.shape.slice(0, -1), ...rest]);
}

/** How an element and what is put in its place become one, by the name of the reduction. */
const merging: { readonly [how: string]: (x: Tensor, update: Tensor) => Tensor } = {
  none: (_, update) => update,
  mul,
  min: minimum,
  max: maximum,
};

/** Puts elements into places of x, or merges them with what is there; several for one place one after the other, but where the order would decide: that is refused, as by the format. */
function scattered(x: Tensor, at: Tensor, updates: Tensor, axis: number, how: string, call: Call): Tensor {
  if (x.dtype === "bool") {
    return scattered(x.to("int32"), at, updates.to("int32"), axis, how, call).to("bool");
  }
  const own = updates.to(x.dtype);
  if (how === "add") return wrapped(call, scatterAdd(x, axis, at, own));
  const merge = merging[how] ?? call.invalid("the reduction must be none, add, mul, min or max", how);
  const look = () => turns(x.shape, at, axis);
  const turn = call.value(1).isFixed ? withState("tracer", null, look) : look();
  const last = turn.reduce((most, k) => Math.max(most, k), 0);
  if (how === "none" && last > 0) call.invalid("indices must differ", "one twice");
  call.room([last + 1, ...x.shape]);
  let y = x;
  for (let k = 0; k <= last; k++) {
    // The elements whose turn it is, in their places, among zeros.
    const isNow = reshape(tensor(turn.map((own) => +(own === k))), at.shape);
    const isHit = gt(scatterAdd(zeros(x.shape, { dtype: "int32" }), axis, at, isNow), 0);
    const put = scatterAdd(zeros(x.shape, { dtype: x.dtype }), axis, at, where(gt(isNow, 0), own, 0).to(x.dtype));
    y = where(isHit, merge(y, put), y);
  }
  return wrapped(call, y);
}

/** For each index, how many of the same place stand before it. */
function turns(shape: readonly number[], at: Tensor, axis: number): Int32Array {
  const counts = new Map<number, number>();
  const strides = shape.map((_, i) => sizeOf(shape.slice(i + 1)));
  const own = at.shape.map((_, i) => sizeOf(at.shape.slice(i + 1)));
  return Int32Array.from(at.values as Iterable<number>, (index, i) => {
    const place = strides.reduce((sum, stride, d) => {
      return sum + stride * (d === axis ? index : Math.floor(i / own[d]!) % at.shape[d]!);
    }, 0);
    const before = counts.get(place) ?? 0;
    counts.set(place, before + 1);
    return before;
  });
}

/** Indices worked out: where they are known, outside of a recording; then their values can be looked at. */
function placesOf(call: Call, make: (index: Tensor) => Tensor): Tensor {
  const run = () => make(call.indices(1));
  return call.value(1).isFixed ? withState("tracer", null, run) : run();
}

function scatteredElements(call: Call): Tensor {
  const { x } = call;
  const axis = call.axis(call.int("axis", 0), x.shape.length);
  const at = placesOf(call, (index) => counted(index, x.shape[axis]!));
  return scattered(x, at, call.tensor(2), axis, call.text("reduction", "none"), call);
}

function scatteredTuples(call: Call): Tensor {
  const { x } = call;
  const updates = call.tensor(2);
  const width = call.value(1).x.shape.at(-1) ?? call.invalid("indices must have an axis", "a scalar");
  const [sizes, rest] = [x.shape.slice(0, width), x.shape.slice(width)];
  const inner = sizeOf(rest);
  const at = placesOf(call, (index) => {
    const rows = flatIndex(reshape(index, [index.size / Math.max(1, width), width]), sizes);
    const all = add(reshape(mul(rows, inner), [rows.size, 1]), arange(inner, { dtype: "int32" }));
    return reshape(all, [all.size]);
  });
  const how = call.text("reduction", "none");
  return reshape(scattered(reshape(x, [x.size]), at, reshape(updates, [updates.size]), 0, how, call), x.shape);
}

function oneHotOf(call: Call): Result {
  const depth = call.count("the depth", Math.trunc(call.number(1)), 1);
  const values = call.tensor(2);
  const type = call.value(2).type;
  const at = call.isFixed ? call.indices(0) : call.x.to("int32");
  const rank = at.shape.length + 1;
  const axis = call.axis(call.int("axis", -1), rank);
  // Indices beyond the classes are in none of them.
  const n = where(lt(at, 0), add(at, depth), at);
  const classes = reshape(
    arange(depth, { dtype: "int32" }),
    Array.from({ length: rank }, (_, i) => (i === axis ? depth : 1)),
  );
  const hits = eq(reshape(n, [...n.shape.slice(0, axis), 1, ...n.shape.slice(axis)]), classes);
  const [off, on] = [slice(values, 0), slice(values, 1)];
  return { x: where(hits, on, off), type };
}

/** What a mask selects has a shape that depends on values: the mask must be known. */
function compressed(call: Call): Tensor {
  const kept = call.numbers(1).flatMap((v, i) => (v === 0 ? [] : [i]));
  const axis = call.node.attribute("axis")?.i;
  const { x } = call;
  const index = tensor(Int32Array.from(kept));
  if (axis === undefined) return indexSelect(reshape(x, [x.size]), 0, index);
  return indexSelect(x, call.axis(Number(axis), x.shape.length), index);
}

function nonzero(call: Call): Result {
  const { shape } = call.x;
  const places = call.numbers(0).flatMap((v, i) => (v === 0 ? [] : [i]));
  const found = shape.map((n, axis) => places.map((at) => Math.floor(at / sizeOf(shape.slice(axis + 1))) % n));
  const x = reshape(tensor(Float64Array.from(found.flat())), [shape.length, places.length]);
  return { x, type: elements.int64 };
}

/** The different elements, or slices along an axis, of what is known; as of `NonZero`, how many there are depends on values. */
function distinct(call: Call): Result[] {
  const given = call.node.attribute("axis")?.i;
  const x = given === undefined ? reshape(call.x, [call.x.size]) : call.x;
  const axis = call.axis(Number(given ?? 0), x.shape.length);
  const [count, inner] = [x.shape[axis]!, sizeOf(x.shape.slice(axis + 1))];
  const rows = Array.from({ length: count }, (): number[] => []);
  call.numbers(0).forEach((v, i) => void rows[Math.floor(i / inner) % count]!.push(v));
  const firsts = new Map<string, number>();
  const keys = rows.map(String);
  keys.forEach((key, i) => void (firsts.has(key) || firsts.set(key, i)));
  const found = [...firsts];
  if (call.int("sorted", 1) !== 0) found.sort(([, i], [, j]) => compared(rows[i]!, rows[j]!));
  const places = new Map(found.map(([key], at) => [key, at]));
  const inverse = keys.map((key) => places.get(key)!);
  const counts = found.map(() => 0);
  for (const at of inverse) counts[at]!++;
  const index = found.map(([, i]) => i);
  const integers = [index, inverse, counts].map((list) => ({ x: tensor(Int32Array.from(list)), type: elements.int64 }));
  return [{ x: indexSelect(x, axis, integers[0]!.x), type: call.type }, ...integers];
}

/** Which of two lists of as many numbers comes first; NaN is last. */
function compared(a: readonly number[], b: readonly number[]): number {
  for (const [i, v] of a.entries()) {
    const w = b[i]!;
    if (v < w || v > w) return v < w ? -1 : 1;
    if (Number.isNaN(v) !== Number.isNaN(w)) return Number.isNaN(v) ? 1 : -1;
  }
  return 0;
}

/** Operators that take elements by index. */
export const indexing: Rules = {
  Compress: compressed,
  Gather: gathered,
  GatherElements: gatheredElements,
  GatherND: gatheredTuples,
  NonZero: nonzero,
  OneHot: oneHotOf,
  Scatter: scatteredElements,
  ScatterElements: scatteredElements,
  ScatterND: scatteredTuples,
  Unique: distinct,
};
