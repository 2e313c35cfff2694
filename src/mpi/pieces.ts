import { noGrad } from "../core/apply.ts";
import { isFloat, type TypedArray } from "../core/dtype.ts";
import { writeClock } from "../core/runtime.ts";
import { Tensor } from "../tensor.ts";
import type { LossArguments, StepResult } from "../train/step.ts";
import type { StepParts } from "../train/team.ts";
import type { Group } from "./group.ts";
import { joined, rowsOf, type Training } from "./team.ts";

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
  const each = pieces / group.size;
  const piece = compile(local);
  const end = compile((loss: Tensor): StepResult => {
    update(loss);
    return { loss, outputs: loss, residuals: {} };
  });
  return (_, batch) => {
    const n = rowsOf(batch);
    const start = training.buffers().map((x) => [x, x.detach()] as const);
    const before = writeClock();
    const outputs: Tensor[] = [];
    let last: Tensor | undefined;
    let names: string[] = [];
    let graded: Tensor[] = [];
    let moved: Tensor[] = [];
    const sumOf = (from: number, count: number): TypedArray[] => {
      if (count > 1) return added(sumOf(from, count / 2), sumOf(from + count / 2, count / 2));
      const rows = training.rows(n, pieces, from);
      // Each begins with the statistics that all began with.
      noGrad(() => {
        for (const [x, values] of start) x.assign(values);
      });
      const share = rows / n;
      training.share.assign(share);
      streams.enter(from);
      const result = piece(...training.part(batch, pieces, from));
      last = result.outputs.detach();
      if (rows > 0) outputs.push(last);
      names = Object.keys(result.residuals);
      graded = trained().filter(({ grad }) => grad !== null);
      moved = start.flatMap(([x]) => (isFloat(x.dtype) && x.time > before ? [x] : []));
      const own = [...Object.values(result.residuals), ...graded.map(({ grad }) => grad!)].map(({ values }) => values);
      return [scaled(result.loss, share), ...own, ...moved.map((x) => scaled(x, share))];
    };
    const own = sumOf(group.rank * each, each);
    const [loss, ...sums] = treeOfRanks(group, own);
    const squares = sums.splice(0, names.length);
    graded.forEach((x, i) => {
      x.grad = new Tensor(sums[i]!, x.shape, x.dtype);
    });
    noGrad(() => moved.forEach((x, i) => void x.assign(new Tensor(sums[graded.length + i]!, x.shape, x.dtype))));
    const total = new Tensor(loss!, [], loss instanceof Float64Array ? "float64" : "float32");
    end(total);
    const norms = squares.map((square, i) => [names[i]!, new Tensor(Float64Array.of(Math.sqrt(square[0]!)), [], "float64")]); // biome-ignore format: one line
    return { loss: total, outputs: joined(outputs.length > 0 ? outputs : [last!]), residuals: Object.fromEntries(norms) as Record<string, Tensor> }; // biome-ignore format: one line
  };
}

/** A tensor's elements, each times a number, rounded once. */
function scaled({ values }: Tensor, factor: number): TypedArray {
  return values.map((v) => v * factor);
}

function added(a: readonly TypedArray[], b: readonly TypedArray[]): TypedArray[] {
  return a.map((own, i) => own.map((v, j) => v + b[i]![j]!));
}

/** Adds up what ranks have: neighbours first, then neighbours of those. */
function treeOfRanks(group: Group, own: readonly TypedArray[]): TypedArray[] {
  if (group.size === 1) return [...own];
  return own.map((values) => {
    const all = group.gather(values as Float32Array);
    let parts: TypedArray[] = Array.from({ length: group.size }, (_, i) => all.subarray(i * values.length, (i + 1) * values.length)); // biome-ignore format: one line
    while (parts.length > 1) {
      parts = Array.from({ length: parts.length / 2 }, (_, i) => added([parts[2 * i]!], [parts[2 * i + 1]!])[0]!);
    }
    return parts[0]!;
  });
}
