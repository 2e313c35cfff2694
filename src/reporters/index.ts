/**
 * Callbacks for `fit` that show the progress of training. For a user interface, write one yourself: `{ onStep(step) { … } }`.
 *
 * @module tinygrad-ts/reporters
 */

export { type LinesOptions, lines } from "./lines.ts";
export { type ProgressBarOptions, type ProgressStream, progressBar } from "./progressBar.ts";
