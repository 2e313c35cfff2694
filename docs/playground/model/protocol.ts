import type { At } from "./address.ts";
import type { GraphNode } from "./graph.ts";
import type { Observation } from "./observe.ts";
import type { Speed } from "./pace.ts";
import type { Dataset, Settings } from "./settings.ts";
import type { LayerSurvey } from "./survey.ts";
import type { Score } from "./trainer.ts";

/** Grid cells on a side of the picture of the model's outputs. */
export const gridSide = 48;
/** Grid cells on a side of each neuron's small map. */
export const mapSide = 14;

/** The picture shows the square from −reach to reach. */
export function reachOf(data: Dataset): number {
  return data === "lesson" ? 2.4 : 1.1;
}

/** What the page says to the worker. */
export type Request =
  /** Begin anew with these settings, and train to this step at once; or go on running. */
  | {
      readonly type: "configure";
      readonly run: number;
      readonly settings: Settings;
      readonly step: number;
      readonly goesOn: boolean;
    }
  /** Train until told otherwise; so many steps in a second, or as fast as it goes. */
  | { readonly type: "run"; readonly perSecond: Speed }
  | { readonly type: "pause" }
  | { readonly type: "step" }
  /** Follow this point; say whether the computation graph is wanted, and of which neuron the large map is: null for the output. */
  | { readonly type: "look"; readonly point: number; readonly graph: boolean; readonly neuron: At | null }
  /** The last frame was drawn. */
  | { readonly type: "drawn" };

/** The points of a training, as flat arrays. */
export interface PointArrays {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** What the worker shows of the training. */
export interface Frame {
  /** Which `configure` it belongs to. */
  readonly run: number;
  /** Only in the first frame of a run. */
  readonly points: { readonly train: PointArrays; readonly test: PointArrays } | null;
  readonly isRunning: boolean;
  /** Whether training stopped because the loss was no longer finite. */
  readonly hasDiverged: boolean;
  readonly step: number;
  readonly epoch: number;
  readonly train: Score;
  readonly test: Score;
  /** For each cell of a grid over the plane, rows from the top, what the model or the neuron that is looked at says there, from −1 to 1. */
  readonly grid: Float32Array;
  /** The same on a coarse grid, for each layer and neuron. */
  readonly maps: readonly (readonly Float32Array[])[];
  readonly survey: readonly LayerSurvey[];
  readonly observation: Observation;
  readonly graph: readonly GraphNode[] | null;
  /** Of each step since the frame before, the loss and the norm of each layer's residual: there may be thousands, and numbers in one list are cheap to post. */
  readonly records: Float64Array;
}
