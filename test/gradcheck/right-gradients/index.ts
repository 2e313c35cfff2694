import type { Case } from "../catalogue.ts";
import { edges } from "./edges.ts";
import { kinks } from "./kinks.ts";
import { noise, oscillating } from "./motion.ts";
import { cancelling, flat, saturated } from "./rounding.ts";
import { scales } from "./scales.ts";
import { structure } from "./structure.ts";

/** Right gradients of functions with hard numerics, by family. */
export const rightGradients: Readonly<Record<string, readonly Case[]>> = {
  scales,
  edges,
  kinks,
  saturated,
  cancelling,
  flat,
  oscillating,
  noise,
  structure,
};
