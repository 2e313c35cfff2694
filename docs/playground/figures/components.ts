import type { ComponentType } from "preact";
import { Chain } from "./Chain.tsx";
import { Mistake } from "./Mistake.tsx";
import type { FigureName } from "./model.ts";
import { Neuron } from "./Neuron.tsx";
import { Order } from "./Order.tsx";
import { Path } from "./Path.tsx";
import type { FigureProps } from "./Plot.tsx";

/** What draws each figure. */
export const componentOf: Record<FigureName, ComponentType<FigureProps>> = {
  neuron: Neuron,
  order: Order,
  mistake: Mistake,
  chain: Chain,
  path: Path,
};
