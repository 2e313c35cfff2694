import type { Speed } from "../../model/pace.ts";
import type { Score, StepRecord } from "../../model/trainer.ts";
import type { Subject } from "./address.ts";
import type { Observation } from "./observe.ts";
import type { DigitSettings } from "./settings.ts";

/** What the page says to the worker. */
export type Request =
  /** Begin anew with these settings, and train to this step at once. */
  | { readonly type: "begin"; readonly run: number; readonly settings: DigitSettings; readonly step: number }
  | { readonly type: "run"; readonly speed: Speed }
  | { readonly type: "pause" }
  | { readonly type: "step" }
  /** Look at this picture; a target of null is the digit that an example shows, and none for a drawing. */
  | { readonly type: "look"; readonly subject: Subject; readonly target: number | null }
  /** The last frame was drawn. */
  | { readonly type: "drawn" };

/** What the worker shows of the training. */
export interface Frame {
  /** Which `begin` it belongs to. */
  readonly run: number;
  readonly isRunning: boolean;
  readonly step: number;
  readonly epoch: number;
  readonly test: Score;
  readonly observation: Observation;
  /** The steps since the frame before. */
  readonly records: readonly StepRecord[];
}
