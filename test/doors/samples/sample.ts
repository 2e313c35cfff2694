import type { Junk } from "../junk.ts";

/** A call that is right: what the doors are tried with, one argument at a time. */
export interface Sample {
  /** Its arguments, made anew for each call; for a method, the object first. */
  readonly args: () => readonly unknown[];
  /** The name that errors begin with, where it is another than the function's own; several with `|` between them. */
  readonly as?: string;
  /** Junk that a parameter takes though its type does not: say why. */
  readonly takes?: Readonly<Record<string, readonly Junk[]>>;
}

export type Samples = Readonly<Record<string, Sample>>;
