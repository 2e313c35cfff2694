// How much memory a compiled training step takes for what lies between its inputs and its results, beside the tensors that the gradient rules name: those must be kept from the forward to the backward pass in any case.
// `npx tsx bench/memory.ts`.
import { fullLike, noGrad, type Saved, type Tensor } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { networkStep } from "./run/oursNetworks.ts";

const networks = { D: "resnet", E: "cells", F: "encoder", G: "lstm" } as const;

/** Bytes of the arrays whose values the gradient rules of a loss name: results of ops, and what was there before (parameters and data). Tensors that share an array count once. */
function namedBytes(loss: Tensor): { readonly results: number; readonly leaves: number } {
  const named = { results: new Set<Tensor["values"]>(), leaves: new Set<Tensor["values"]>() };
  const seen = new Set<Tensor>([loss]);
  // A set is gone through in the order in which it grows.
  for (const y of seen) {
    for (const [i, x] of y.inputs.entries()) {
      const rules = y.op!.vjp;
      const rule = typeof rules === "object" ? rules[i] : rules;
      if (!x.requiresGrad || rule === undefined || rule === "nondifferentiable") continue;
      seen.add(x);
      const note = (kept: Tensor): Tensor => {
        named[kept.inputs.length > 0 ? "results" : "leaves"].add(kept.values);
        return kept;
      };
      noGrad(() => rule(watched(y, i, note)));
    }
  }
  const sum = (all: ReadonlySet<Tensor["values"]>): number => [...all].reduce((n, { byteLength }) => n + byteLength, 0);
  return { results: sum(named.results), leaves: sum(named.leaves) };
}

/** What a rule sees, which notes the values that it asks for. */
function watched(result: Tensor, index: number, note: (x: Tensor) => Tensor): Saved {
  const input = (i: number): Tensor => note(result.inputs[i]!);
  return {
    ...{ result, index, g: fullLike(result, 1), attrs: result.attrs },
    ...{ input, shapeOf: (i: number) => result.inputs[i]!.shape, dtypeOf: (i: number) => result.inputs[i]!.dtype },
    get y() {
      return note(result);
    },
    get x() {
      return input(0);
    },
    get a() {
      return input(0);
    },
    get b() {
      return input(1);
    },
  };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;

for (const [id, name] of Object.entries(networks)) {
  const { results, leaves } = namedBytes(networkStep(name)());
  const step = compile(networkStep(name));
  step();
  const { arenaBytes } = step.programs[0]!.stats;
  const ratio = (arenaBytes / results).toFixed(2);
  console.log(
    `${id}: ${megabytes(arenaBytes)} between, ${megabytes(results)} named by the rules (and ${megabytes(leaves)} of parameters and data): ${ratio}`,
  );
}
