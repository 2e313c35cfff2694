import type { Case } from "../catalogue.ts";
import { chain } from "./chain.ts";
import { factors } from "./factors.ts";
import { places } from "./places.ts";
import { products, regions, states } from "./states.ts";

/** Wrong gradients, by what is wrong with them. */
export const wrongGradients: Readonly<Record<string, readonly Case[]>> = {
  factors,
  "the chain rule": chain,
  places,
  states,
  regions,
  "other derivatives": products,
};
