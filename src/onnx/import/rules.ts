import { elementwise } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { losses } from "./losses.ts";
import { matrices } from "./matrices.ts";
import { movement } from "./movement.ts";
import type { Rule } from "./node.ts";
import { normalization } from "./normalization.ts";
import { others } from "./others.ts";
import { recurrence } from "./recurrent.ts";
import { reductions } from "./reductions.ts";
import { resizing } from "./resize.ts";
import { windows } from "./windows.ts";

let table: Map<string, Rule> | undefined;

/** The rule of each operator that this library has, by type. */
export function rules(): ReadonlyMap<string, Rule> {
  table ??= new Map(
    Object.entries({
      ...{ ...elementwise, ...reductions, ...movement, ...indexing, ...matrices, ...windows },
      ...{ ...normalization, ...losses, ...recurrence, ...resizing, ...others },
    }),
  );
  return table;
}
