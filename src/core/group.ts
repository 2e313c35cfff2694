import type { Tensor } from "../tensor.ts";

/** What `compile` needs of a group of processes: one that `mpi()` of `tinygrad-ts/mpi` gives. */
export interface AveragingGroup {
  /** The number of this process, from 0 on. */
  readonly rank: number;
  /** How many processes there are. */
  readonly size: number;
  /** @internal The means over all ranks. */
  averaged(gradients: readonly Tensor[]): Tensor[];
  /** @internal Throws unless all ranks come for the same; `detail` is too long to be shown. */
  agree(what: string, detail: string): void;
  /** @internal Throws unless parameters have the same values on all ranks. */
  same(what: string, parameters: readonly Tensor[]): void;
}
