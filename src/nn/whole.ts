import { ValueError } from "../core/errors.ts";
import { refuseNames } from "../core/foreign.ts";
import { describe } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";

const hint = "write layer.run(x), since forward returns one tensor";
const results = { 0: hint, 1: hint, output: hint, state: hint, hidden: hint, cell: hint, weights: hint };

/**
 * Makes taking a result of forward apart an error. PyTorch's layer returns a tuple where ours returns one tensor, and a tensor can be gone through by its rows: `const [output, state] = lstm.forward(x)` would be
 * two samples, silently. What `run` returns beside it is no property of it, either.
 */
export function whole(op: string, result: Tensor, hint: string): Tensor {
  const value = (): never => {
    const rule = "forward returns one tensor, and no list to take apart";
    throw new ValueError(op, rule, describe(result), hint);
  };
  refuseNames(result, results);
  return Object.defineProperty(result, Symbol.iterator, { value });
}
