import { formatShape, type Shape, sameShape } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * What is most likely a mistake in a loss of one's own: outputs `[n, 1]` beside targets `[n]`, or the other way round, which broadcast to `[n, n]`, so that each output is compared with the targets of all
 * samples. The losses of the package refuse that.
 *
 * @param outputs - where the loss's own part of the graph begins.
 * @param given - the targets, and what comes after them.
 * @returns a text, or null.
 */
export function mispaired(loss: Tensor, outputs: Tensor, given: readonly Tensor[]): string | null {
  if (!given.some((x) => isMismatch(outputs.shape, x.shape))) return null;
  const seen = new Set([loss]);
  for (const y of seen) {
    if (y === outputs) continue;
    // One side is computed from the outputs, the other from what was given.
    const [own, fixed] = [true, false].map((is) => y.inputs.filter(({ requiresGrad }) => requiresGrad === is)) as [Tensor[], Tensor[]]; // biome-ignore format: one line
    const pair = own.flatMap((a) => fixed.filter((b) => isMismatch(a.shape, b.shape)).map((b) => [a, b] as const))[0];
    if (pair !== undefined && isSquare(y.shape, outputs)) {
      const hint = outputs.shape.length === 2 ? "outputs.squeeze(1)" : "targets.squeeze(1)";
      const shapes = `${pair.map(({ shape }) => formatShape(shape)).join(" beside ")} to ${formatShape(y.shape)}`;
      return `the loss broadcasts ${shapes} in ${y.op!.name}, so that each output is compared with all targets; write ${hint}, or give both one shape`;
    }
    for (const input of y.inputs) if (input.requiresGrad) seen.add(input);
  }
  return null;
}

/** Whether shapes are `[n, 1]` and `[n]`, in either order, of more than one. */
function isMismatch(a: Shape, b: Shape): boolean {
  const [n, m] = [a[0] ?? 0, a.length + b.length];
  return n > 1 && n === b[0] && m === 3 && (a[1] ?? b[1]) === 1;
}

function isSquare(shape: Shape, { shape: [n] }: Tensor): boolean {
  return sameShape(shape, [n!, n!]);
}
