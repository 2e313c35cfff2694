import type { TypedArray } from "../core/dtype.ts";
import type { Operand } from "../core/op.ts";
import { describe } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { CompileError } from "./errors.ts";

/**
 * Tensors that a function has made while it was recorded, and may keep, as `this.last = y` and `losses.push(loss)` do. They hold the values of that call. Later calls run the program, which makes no tensors to be kept: from the next one
 * on, reading them is an error, and not the old values.
 */
export class Kept {
  #isPast = false;
  /** Those that hold an array. The others hold a function, which asks first. */
  readonly #filled: WeakRef<Tensor>[] = [];

  /** Notes a tensor that holds an array. */
  note(x: Tensor): void {
    this.#filled.push(new WeakRef(x));
  }

  /** The elements of a tensor, which is about to hold them. */
  read(x: Tensor, held: Operand): TypedArray {
    if (this.#isPast) refuse(x);
    this.note(x);
    return held.values;
  }

  /** Says that the function is called again. */
  pass(): void {
    this.#isPast = true;
    for (const ref of this.#filled.splice(0)) {
      const x = ref.deref();
      if (x !== undefined) x.stored = () => refuse(x);
    }
  }
}

function refuse(x: Tensor): never {
  const rule = "a tensor that the function made and kept must not be read after a later call, which makes no new one";
  const hint = "return it from the function, or keep it in a tensor that was made outside: last.assign(y)";
  throw new CompileError("compile", rule, describe(x), hint);
}
