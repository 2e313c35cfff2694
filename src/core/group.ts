import type { Tensor } from "../tensor.ts";

/** What `compile` needs of a group of processes: one that `mpi()` of `tinygrad-ts/mpi` gives. */
export interface AveragingGroup {
  /** The number of this process, from 0 on. */
  readonly rank: number;
  /** How many processes there are. */
  readonly size: number;
  /** @internal The means over all ranks. */
  averaged(gradients: readonly Tensor[]): Tensor[];
  /**
   * @internal Throws unless all ranks have the same program; else returns what looks, before each run, whether weights are the same, too; undefined if there is one rank.
   *
   * @param what - the function and its arguments.
   * @param isAveraged - whether a value comes of gradients that were averaged.
   */
  join<V>(
    what: string,
    program: { toString(): string },
    recording: {
      readonly effects: readonly { readonly kind: string; readonly tensor: Tensor; readonly value: V | null }[];
      readonly sources: readonly { readonly source: { readonly kind: string; readonly tensor?: Tensor } }[];
    },
    isAveraged: (value: V) => boolean,
  ): (() => void) | undefined;
}
