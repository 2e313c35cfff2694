import { ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Callback, EpochRecord } from "../train/index.ts";

/** Options of {@link lines}. */
export interface LinesOptions {
  /** Where a line goes; `console.log` by default. */
  readonly write?: (line: string) => void;
  /** Every how many epochs there is a line; 1 by default. The last one has one always. */
  readonly every?: number;
}

const linesOptions: OptionKinds<LinesOptions> = { write: "function", every: "number" };

/**
 * Reports each epoch on a line, for logs: the loss and metrics, also for the validation.
 *
 * @param options - `write`, `every`.
 * @returns a callback for `fit`.
 * @throws `ValueError` for a number that is not a count, or an unknown option.
 * @example
 * import { Linear, mse, SGD, zeros } from "tinygrad-ts";
 * import { lines } from "tinygrad-ts/reporters";
 * import { fit, TensorDataset } from "tinygrad-ts/train";
 *
 * const model = new Linear(1, 1);
 * model.weight.assign(zeros([1, 1]));
 * model.bias?.assign(zeros([1]));
 * const data = new TensorDataset(zeros([4, 1]), zeros([4, 1]));
 * const written: string[] = [];
 * const callbacks = [lines({ write: (line) => written.push(line) })];
 * await fit(model, data, { loss: mse, optimizer: new SGD(model.parameters(), { lr: 0.1 }), epochs: 2, callbacks });
 * written; // → ["epoch 1/2  loss 0.0000", "epoch 2/2  loss 0.0000"]
 */
export function lines(options?: LinesOptions): Callback {
  const { write, every = 1 } = checkOptions("lines", options, linesOptions);
  refuseMore("lines", arguments, 1);
  if (!Number.isSafeInteger(every) || every < 1) {
    throw new ValueError("lines", "every must be a whole number, 1 or more", String(every));
  }
  const print = write ?? ((line: string) => (globalThis as unknown as { console: Printer }).console.log(line));
  return {
    isForOne: true,
    onEpoch(epoch, { epochs }) {
      if (epoch.epoch % every === 0 || epoch.epoch === epochs)
        print(`epoch ${epoch.epoch}/${epochs}  ${textOf(epoch)}`);
    },
  };
}

interface Printer {
  log(line: string): void;
}

/** The numbers of an epoch, or of the part of it that is done. */
export function textOf({ loss, metrics, validation }: Pick<EpochRecord, "loss" | "metrics" | "validation">): string {
  const numbers = (
    prefix: string,
    of: { readonly loss: number; readonly metrics: EpochRecord["metrics"] },
  ): string[] => {
    return [["loss", of.loss] as const, ...Object.entries(of.metrics)].map(
      ([name, v]) => `${prefix}${name} ${v.toFixed(4)}`,
    );
  };
  return [...numbers("", { loss, metrics }), ...(validation ? numbers("validation ", validation) : [])].join("  ");
}
