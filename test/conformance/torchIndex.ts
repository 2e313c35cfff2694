import * as tg from "../../src/index.ts";
import { OutOfScope, Slice, type Value } from "./binding.ts";
import { broadcast } from "./torchMath.ts";
import { axisOf, indices, movedim } from "./torchShape.ts";

type Tensor = tg.Tensor;

/** Elements by flat position; negative ones count from the end. */
export function take(x: Tensor, at: Tensor): Tensor {
  const flat = tg.flatten(x);
  return tg.reshape(tg.indexSelect(flat, 0, tg.flatten(fromEnd(at, flat.size))), at.shape);
}

function fromEnd(at: Tensor, n: number): Tensor {
  return tg.where(tg.lt(at, 0), tg.add(at, n), at);
}

export function takeAlongDim(x: Tensor, at: Tensor, given: number | null): Tensor {
  if (given === null) return tg.gather(tg.flatten(x), 0, tg.flatten(at));
  const axis = axisOf(x, given);
  const other = (t: Tensor): Tensor =>
    tg.squeeze(tg.slice(t, ...t.shape.map((_, i) => (i === axis ? ([0, 1, 1] as const) : null))), []);
  const [a, b] = broadcast(other(x), other(at));
  const shaped = (t: Tensor, like: Tensor): Tensor =>
    tg.expand(
      t,
      like.shape.map((n, i) => (i === axis ? t.shape[axis]! : n)),
    );
  return tg.gather(shaped(x, a!), axis, shaped(at, b!));
}

/** Which places of x an index along one axis names. */
function named(x: Tensor, axis: number, at: Tensor): Tensor {
  const marks = tg.scatterAdd(tg.zerosLike(x.detach()), axis, at, tg.ones(at.shape, { dtype: "float64" }).to(x.dtype));
  return tg.gt(marks, 0);
}

/** Overwrites what an index names, which must not name a place twice. */
export function scatter(x: Tensor, axis: number, at: Tensor, source: Tensor | number): Tensor {
  if (typeof source === "number") return tg.where(named(x, axis, at), source, x);
  return tg.where(named(x, axis, at), tg.scatterAdd(tg.zerosLike(x.detach()), axis, at, within(source, at)), x);
}

/** PyTorch reads only as much of the source as the index is large. */
export function within(source: Tensor, at: Tensor): Tensor {
  return tg.slice(source, ...at.shape.map((n) => [0, n, 1] as const));
}

function onAxis(x: Tensor, axis: number, at: Tensor): Tensor {
  const along = tg.reshape(
    at,
    x.shape.map((_, i) => (i === axis ? at.size : 1)),
  );
  return tg.expand(
    along,
    x.shape.map((n, i) => (i === axis ? at.size : n)),
  );
}

export function indexFill(x: Tensor, given: number, at: Tensor, value: Tensor | number): Tensor {
  if (x.rank === 0) return tg.reshape(indexFill(tg.reshape(x, [1]), 0, at, value), []);
  const axis = axisOf(x, given);
  return tg.where(named(x, axis, onAxis(x, axis, tg.flatten(fromEnd(at, x.shape[axis]!)))), value, x);
}

export function indexCopy(x: Tensor, given: number, at: Tensor, source: Tensor): Tensor {
  if (x.rank === 0) return tg.reshape(indexCopy(tg.reshape(x, [1]), 0, at, tg.reshape(source, [at.size])), []);
  const axis = axisOf(x, given);
  return scatter(x, axis, onAxis(x, axis, tg.flatten(at)), source);
}

/** Writes `source` over `x[start:stop:step]` of one axis. */
export function sliceScatter(
  x: Tensor,
  source: Tensor,
  given: number,
  start: number | null,
  stop: number | null,
  step: number,
): Tensor {
  const axis = axisOf(x, given);
  const n = x.shape[axis]!;
  const bound = (v: number): number => Math.min(Math.max(v < 0 ? v + n : v, 0), n);
  const at: number[] = [];
  for (let i = bound(start ?? 0); i < bound(stop ?? n); i += step) at.push(i);
  return indexCopy(x, axis, indices(at), source);
}

/** `x[indices] = values` or `+=`, for indices that name leading axes. */
export function indexPut(x: Tensor, at: readonly Tensor[], values: Tensor, accumulate: boolean): Tensor {
  if (at.some((t) => t.dtype === "bool")) throw new OutOfScope("assignment through a mask; use where");
  const places = broadcast(...at);
  const lead = x.shape.slice(0, at.length);
  const rest = x.shape.slice(at.length);
  const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  const linear = places.reduce(
    (sum, place, i) => tg.add(tg.mul(sum, lead[i]!), fromEnd(place, lead[i]!)),
    tg.zerosLike(places[0]!),
  );
  const rows = tg.reshape(x, [size(lead), size(rest)]);
  const given = tg.reshape(tg.expand(values, [...linear.shape, ...rest]), [linear.size, size(rest)]);
  const flat = tg.flatten(linear);
  return tg.reshape(accumulate ? tg.indexAdd(rows, 0, flat, given) : indexCopy(rows, 0, flat, given), x.shape);
}

export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  const [a, m] = broadcast(x, mask);
  return tg.index(a!, m!);
}

/** Fills the places of a mask with the source's elements in turn. */
export function maskedScatter(x: Tensor, mask: Tensor, source: Tensor): Tensor {
  const [a, m] = broadcast(x, mask);
  const order = tg.sub(tg.cumsum(tg.flatten(m!).to("int32"), 0), 1);
  const picked = tg.indexSelect(tg.flatten(source), 0, tg.maximum(order, 0));
  return tg.where(m!, tg.reshape(picked, a!.shape), a!);
}

/** The gradient of the row `padding` of the table is 0. */
export function embedding(table: Tensor, at: Tensor, padding: number | null): Tensor {
  const rows = table.shape[0]!;
  const isPadding = tg.eq(
    tg.unsqueeze(tg.arange(rows), 1),
    padding === null ? -1 : padding < 0 ? padding + rows : padding,
  );
  const weight = padding === null ? table : tg.where(isPadding, table.detach(), table);
  return tg.reshape(tg.indexSelect(weight, 0, tg.flatten(at)), [...at.shape, ...table.shape.slice(1)]);
}

/** What stands between the brackets of `x[…]`: a list is a tuple of specs if it holds more than integers, as in PyTorch. */
export function getItem(x: Tensor, item: Value): Tensor {
  const specs = Array.isArray(item) && item.some((v) => typeof v !== "number") ? item : [item];
  return subscript(x, specs as readonly Value[]);
}

/** `x[spec, spec, …]`. */
export function subscript(x: Tensor, given: readonly Value[]): Tensor {
  const specs = given.map((v) => (Array.isArray(v) ? nestedIndex(v) : v));
  const axesOf = (v: Value): number => (v === null || v === "..." ? 0 : isMask(v) ? (v as Tensor).rank : 1);
  const named = specs.reduce((n: number, v) => n + axesOf(v), 0);
  const dots = specs.indexOf("...");
  const whole = Array.from({ length: x.rank - named }, () => new Slice([null, null, null]));
  const full = dots < 0 ? [...specs, ...whole] : [...specs.slice(0, dots), ...whole, ...specs.slice(dots + 1)];
  const advanced = full.some((v) => v instanceof tg.Tensor);
  // Slices and new axes first; beside index tensors an integer is an index tensor too.
  const basic = full.filter((v) => v !== null).flatMap((v) => basicSpecs(v, advanced));
  let y = tg.slice(x, ...basic);
  full.forEach((v, i) => {
    if (v === null)
      y = tg.unsqueeze(
        y,
        full
          .slice(0, i)
          .reduce((n: number, w) => n + (w === null ? 1 : typeof w === "number" && !advanced ? 0 : axesOf(w)), 0),
      );
  });
  if (!advanced) return y;
  const mask = full.findIndex(isMask);
  if (mask >= 0) return masked(y, full, mask);
  const at = full.map((v) =>
    typeof v === "number" ? tg.tensor(v, { dtype: "int32" }) : v instanceof tg.Tensor ? v : null,
  );
  return tg.index(y, ...at);
}

/** A mask between whole axes: brought to the front, where the library takes it. */
function masked(x: Tensor, specs: readonly Value[], at: number): Tensor {
  if (specs.some((v, i) => i !== at && (typeof v === "number" || v instanceof tg.Tensor))) {
    throw new OutOfScope("a mask beside another index");
  }
  const mask = specs[at] as Tensor;
  const axes = Array.from({ length: mask.rank }, (_, i) => at + i);
  const front = movedim(
    x,
    axes,
    axes.map((_, i) => i),
  );
  return movedim(tg.index(front, mask), [0], [at]);
}

function isMask(v: Value): boolean {
  return v instanceof tg.Tensor && v.dtype === "bool";
}

function basicSpecs(v: Value, advanced: boolean): tg.SliceSpec[] {
  if (v instanceof Slice) return [v.parts];
  if (v instanceof tg.Tensor) return v.dtype === "bool" ? v.shape.map(() => null) : [null];
  if (typeof v !== "number") throw new Error(`cannot index by ${String(v)}`);
  return [advanced ? null : v];
}

function nestedIndex(v: readonly Value[]): Tensor {
  const list = tg.tensor(v as tg.NestedArray);
  return list.dtype === "bool" ? list : list.to("int32");
}
