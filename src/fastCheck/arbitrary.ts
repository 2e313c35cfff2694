import { Arbitrary, type Random, Stream, Value } from "fast-check";

/** One way to make a state simpler: what it may become, the simplest first. */
export type Move<S> = () => Iterable<S>;

/** What an arbitrary is made of. `S` is an immutable state that tells the value, and how to shrink it. */
export interface Recipe<S, T> {
  /** A random state; simple ones where biased. */
  draw(random: Random, isBiased: boolean): S;
  /** Every way to make a state simpler. Each result must be in the domain, and below the state in one well-founded order. */
  moves(state: S): readonly Move<S>[];
  /** A fresh value, which the property may change. */
  build(state: S): T;
  /** The state of a value that somebody else made; null if no state has it. */
  read(value: unknown): S | null;
}

/** What fast-check keeps for us beside each value. */
interface Context<S> {
  readonly state: S;
  /** The move that led here. */
  readonly at: number;
}

/**
 * Shrinks by moves, round and round: after a success it goes on with the same move, not with the first, and it ends after a whole round
 * without one. Restarting at the first would repeat, for every entry of a tensor, all that has failed for the entries before it.
 */
class RecipeArbitrary<S, T> extends Arbitrary<T> {
  private readonly recipe: Recipe<S, T>;

  constructor(recipe: Recipe<S, T>) {
    super();
    this.recipe = recipe;
  }

  generate(random: Random, biasFactor: number | undefined): Value<T> {
    const isBiased = biasFactor !== undefined && random.nextInt(1, biasFactor) === 1;
    return this.wrap(this.recipe.draw(random, isBiased), 0);
  }

  canShrinkWithoutContext(value: unknown): value is T {
    return this.recipe.read(value) !== null;
  }

  shrink(value: T, context: unknown): Stream<Value<T>> {
    return new Stream(this.simpler(value, context as Context<S> | undefined));
  }

  private *simpler(value: T, context: Context<S> | undefined): IterableIterator<Value<T>> {
    const state = context === undefined ? this.recipe.read(value) : context.state;
    if (state === null) return;
    const moves = this.recipe.moves(state);
    for (let i = 0; i < moves.length; i++) {
      const at = ((context?.at ?? 0) + i) % moves.length;
      for (const next of moves[at]!()) yield this.wrap(next, at);
    }
  }

  private wrap(state: S, at: number): Value<T> {
    const context: Context<S> = { state, at };
    return new Value(this.recipe.build(state), context);
  }
}

/** An arbitrary from its recipe. */
export function arbitraryOf<S, T>(recipe: Recipe<S, T>): Arbitrary<T> {
  return new RecipeArbitrary(recipe);
}
