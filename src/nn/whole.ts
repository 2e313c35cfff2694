import { ValueError } from "../core/errors.ts";
import { describe } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Makes taking a result of forward apart an error. PyTorch's layer returns a tuple where ours returns one tensor, and a tensor can be gone through by its rows: `const [output, state] = lstm.forward(x)` would be
 * two samples, silently.
 */
export function whole(op: string, result: Tensor, hint: string): Tensor {
  const value = (): never => {
    const rule = "forward returns one tensor, and no list to take apart";
    throw new ValueError(op, rule, describe(result), hint);
  };
  return Object.defineProperty(result, Symbol.iterator, { value });
}
