import { noGrad } from "../core/apply.ts";
import { allocate, isFloat, type TypedArray } from "../core/dtype.ts";
import { writeClock } from "../core/runtime.ts";
import { Tensor } from "../tensor.ts";
import type { LossArguments, StepResult } from "../train/step.ts";
import type { StepParts } from "../train/team.ts";
import type { Group } from "./group.ts";
import { hashOf } from "./hash.ts";
import { joined, rowsOf, type Training } from "./team.ts";

/** Values by what they belong to. What is absent counts as 0. */
type Sums = Map<string | Tensor, TypedArray>;

/**
 * A step in fixed pieces, whose sums are added in a fixed tree: the same bits on 1, 2, 4 and more ranks. Each rank computes some of the pieces one after the other, by one program, adds up its part of the tree, and all add up the rest. MPI's own
 * all-reduce adds in an order that depends on the number of ranks.
 */
export function inPieces(
  training: Training,
  { local, update, trained, compile }: StepParts,
  pieces: number,
): (own: LossArguments, batch: LossArguments) => StepResult {
  const { group, streams } = training;
  const piece = compile(local);
  const end = compile((loss: Tensor): StepResult => {
    update(loss);
    return { loss, outputs: loss, residuals: {} };
  });
  return (_, batch) => {
    const start = training.buffers().map((x) => [x, x.detach()] as const);
    const buffers = start.flatMap(([x]) => (isFloat(x.dtype) ? [x] : []));
    const outputs = new Outputs();
    const names = new Set<string>();
    const moved = new Set<Tensor>();
    const own = sumOfPieces(training, batch, pieces, (rows, share, from, isEmpty) => {
      // Each begins with the statistics that all began with.
      noGrad(() => {
        for (const [x, values] of start) x.assign(values);
      });
      const before = writeClock();
      training.share.assign(share);
      streams.enter(from);
      const { loss, residuals, outputs: y } = piece(...rows);
      outputs.add(y, isEmpty);
      const sums: Sums = new Map([[lossKey, scaled(loss, share)]]);
      for (const [name, square] of Object.entries(residuals)) {
        names.add(name);
        sums.set(name, Float64Array.from(square.values)); // as wide on ranks that have none
      }
      for (const x of trained()) if (x.grad !== null) sums.set(x, x.grad.values);
      for (const x of buffers) {
        sums.set(x, scaled(x, share));
        if (x.time > before) moved.add(x);
      }
      return sums;
    });
    const measured = namesOfAll(group, [...names]);
    const parameters = trained();
    // Those that nobody has moved keep their bits.
    const isMoved = group.gather(Uint8Array.from(buffers, (x) => Number(moved.has(x))));
    const averaged = buffers.filter((_, at) => isMoved.some((v, i) => v === 1 && i % buffers.length === at));
    const sums = treeOfRanks(group, own, [
      [lossKey, 1],
      ...measured.map((name) => [name, 1] as const),
      ...[...parameters, ...averaged].map((x) => [x, x.size] as const),
    ]);
    streams.leave();
    const sumFor = (x: Tensor): Tensor => new Tensor(sums.get(x)!, x.shape, x.dtype);
    for (const x of parameters) if (sums.has(x)) x.grad = sumFor(x);
    noGrad(() => averaged.forEach((x) => void x.assign(sumFor(x))));
    const total = scalarOf(sums.get(lossKey)!);
    end(total);
    const norms = measured.map((name) => [name, new Tensor(Float64Array.of(Math.sqrt(sums.get(name)![0]!)), [], "float64")]); // biome-ignore format: one line
    return { loss: total, outputs: outputs.joined(), residuals: Object.fromEntries(norms) as Record<string, Tensor> }; // biome-ignore format: one line
  };
}

/** An evaluation in the pieces of a step: the same bits of the loss on any number of ranks. */
export function evaluatedInPieces<R extends { readonly loss: Tensor; readonly outputs: Tensor }>(
  training: Training,
  evaluate: (...batch: LossArguments) => R,
  batch: LossArguments,
  pieces: number,
): R {
  let last: R;
  const outputs = new Outputs();
  const own = sumOfPieces(training, batch, pieces, (rows, share, from, isEmpty) => {
    training.streams.enter(from);
    last = evaluate(...rows);
    outputs.add(last.outputs, isEmpty);
    return new Map([[lossKey, scaled(last.loss, share)]]);
  });
  const loss = scalarOf(treeOfRanks(training.group, own, [[lossKey, 1]]).get(lossKey)!);
  return { ...last!, loss, outputs: outputs.joined() };
}

const lossKey = "";

/** What this rank's pieces come to, added up as neighbours. */
function sumOfPieces(
  training: Training,
  batch: LossArguments,
  pieces: number,
  run: (rows: LossArguments, share: number, from: number, isEmpty: boolean) => Sums,
): Sums {
  const n = rowsOf(batch);
  const sumOf = (from: number, count: number): Sums => {
    if (count > 1) return added(sumOf(from, count / 2), sumOf(from + count / 2, count / 2));
    const rows = training.rows(n, pieces, from);
    return run(training.part(batch, pieces, from), rows / n, from, rows === 0);
  };
  const each = pieces / training.group.size;
  return sumOf(training.group.rank * each, each);
}

/** The names that any rank has, in the order in which one rank meets them. */
function namesOfAll(group: Group, own: readonly string[]): readonly string[] {
  const bytes = new TextEncoder().encode(own.join("\n"));
  const all = group.gather(Float64Array.of(hashOf(bytes), bytes.length));
  if (all.every((v, i) => v === all[i % 2])) return own;
  const most = Math.max(...all.filter((_, i) => i % 2 === 1));
  const sent = new Uint8Array(most);
  sent.set(bytes);
  const texts = group.gather(sent);
  const decoder = new TextDecoder();
  const names = Array.from({ length: group.size }, (_, rank) =>
    decoder.decode(texts.subarray(rank * most, rank * most + all[2 * rank + 1]!)).split("\n"),
  );
  return [...new Set(names.flat())].filter((name) => name !== "");
}

/** What pieces return; of those without rows, the last one's if no other has any. */
class Outputs {
  #last: Tensor | undefined;
  readonly #all: Tensor[] = [];

  add(outputs: Tensor, isEmpty: boolean): void {
    this.#last = outputs.detach();
    if (!isEmpty) this.#all.push(this.#last);
  }

  joined(): Tensor {
    return joined(this.#all.length > 0 ? this.#all : [this.#last!]);
  }
}

function scalarOf(values: TypedArray): Tensor {
  return new Tensor(values, [], values instanceof Float64Array ? "float64" : "float32");
}

/** A tensor's elements, each times a number, rounded once. */
function scaled({ values }: Tensor, factor: number): TypedArray {
  return values.map((v) => v * factor);
}

function added(a: Sums, b: Sums): Sums {
  const sums = new Map(a);
  for (const [key, own] of b) {
    const other = a.get(key);
    sums.set(key, other === undefined ? own : sumOf(other, own));
  }
  return sums;
}

function sumOf(a: TypedArray, b: TypedArray): TypedArray {
  return a.map((v, i) => v + b[i]!);
}

/**
 * Adds up what ranks have: neighbours first, then neighbours of those.
 *
 * @param keys - what they may have, in the same order on all, and how many values.
 */
function treeOfRanks(group: Group, own: Sums, keys: readonly (readonly [key: string | Tensor, size: number])[]): Sums {
  if (group.size === 1) return own;
  const has = group.gather(Uint8Array.from(keys, ([key]) => Number(own.has(key))));
  const sums: Sums = new Map();
  for (const [at, [key, size]] of keys.entries()) {
    const isThere = (rank: number): boolean => has[rank * keys.length + at] === 1;
    const ranks = Array.from({ length: group.size }, (_, rank) => rank);
    if (!ranks.some(isThere)) continue;
    // A rank without a gradient sends zeros, which are left out.
    const dtype = typeof key === "string" ? "float64" : key.dtype;
    const all = group.gather((own.get(key) ?? allocate(dtype, size, "fit")) as Float32Array);
    let parts: Sums[] = ranks.map((rank) =>
      isThere(rank) ? new Map([[key, all.subarray(rank * size, (rank + 1) * size)]]) : new Map(),
    );
    while (parts.length > 1) {
      parts = Array.from({ length: parts.length / 2 }, (_, i) => added(parts[2 * i]!, parts[2 * i + 1]!));
    }
    sums.set(key, parts[0]!.get(key)!);
  }
  return sums;
}
