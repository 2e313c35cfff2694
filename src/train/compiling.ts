import { isTinygradError } from "../core/errors.ts";
import { runtime } from "../core/runtime.ts";
import type { Layer } from "../nn/layer.ts";
import type { Compiled } from "./history.ts";
import { checkedCompiler, type StepCompiler, type SteppingOptimizer } from "./step.ts";

/** From how many steps on compiling is worth it, however small they are; */
const manySteps = 500;
/** and from how many updates of single numbers. */
const manyUpdates = 1e7;

/** What a training run that may be compiled is made of. */
interface Parts {
  readonly model: Layer;
  readonly loss: unknown;
  readonly optimizer: SteppingOptimizer;
}

/**
 * Whether a training run is compiled, and why. If nothing was said, it compiles by itself, once that is worth it, and as long as all that is compiled is the library's own: then there is not a number outside of the
 * step that a replay would not read again.
 */
export class Compiling {
  readonly #given: StepCompiler | false | undefined;
  readonly #parts: Parts;
  #itself: typeof import("./itself.ts") | null = null;
  #foreign: ReturnType<typeof import("./itself.ts").makeForeign> | null = null;
  #isDecided: boolean;
  /** Whether what was given does record its function, as `compile` does: then its calls copy their arguments. */
  #isRecorded = false;
  /** Which way it goes, for the history. */
  how: Compiled;

  constructor(given: StepCompiler | false | undefined, parts: Parts) {
    this.#given = given;
    this.#parts = parts;
    this.#isDecided = given !== undefined;
    this.how = given === undefined ? "no: too little to do" : given ? "as given" : "no: switched off";
  }

  /** Whether the next batch meets a compiled step, which takes the values of its inputs. */
  get isOn(): boolean {
    return this.#given ? this.#isRecorded : this.#foreign !== null;
  }

  /**
   * Called before each step; loads the compiler when it is due.
   *
   * @param steps - in the whole training run, as far as is known.
   */
  async prepare(steps: number): Promise<void> {
    if (this.#isDecided) return;
    const numbers = this.#parts.model.parameters().reduce((sum, { size }) => sum + size, 0);
    if (steps < manySteps && steps * numbers < manyUpdates) return;
    this.#isDecided = true;
    try {
      this.#itself = await import("./itself.ts");
    } catch (error) {
      this.how = `no: the compiler did not load (${(error as Error).message})`;
      return;
    }
    const obstacle = this.#itself.obstacle();
    this.#foreign = this.#itself.makeForeign();
    if (obstacle === null && this.#isOwn()) this.how = "by itself";
    else if (obstacle !== null) this.#stop(obstacle);
  }

  /** Makes a compiled function, or one that goes either way. */
  compiler(hasResiduals: boolean): StepCompiler | undefined {
    if (this.#given === false) return undefined;
    if (this.#given !== undefined) {
      const compiler = checkedCompiler(this.#given, hasResiduals);
      return (step) =>
        compiler((...args) => {
          this.#isRecorded ||= runtime.tracer !== null;
          return step(...args);
        });
    }
    return (step) => {
      let compiled: typeof step | undefined;
      return (...args) => {
        if (this.#foreign === null || runtime.tracer !== null || !this.#isOwn()) return step(...args);
        compiled ??= this.#itself!.compileWatched(step, (reason) => this.#stop(reason));
        try {
          return compiled(...args);
        } catch (error) {
          // Nothing has changed: the step is done in the other way.
          if (!isTinygradError(error) || error.name !== "CompileError") throw error;
          this.#stop(error.message);
          return step(...args);
        }
      };
    };
  }

  /** Looks again at each step: callbacks may have put anything in. */
  #isOwn(): boolean {
    const { model, loss, optimizer } = this.#parts;
    const what = this.#foreign!(model, loss, optimizer);
    if (what !== null) this.#stop(what);
    return what === null;
  }

  #stop(reason: string): void {
    this.#foreign = null;
    this.how = `no: ${reason}`;
  }
}
