import type { LinearMemory } from "../engine.ts";
import { mostTasks } from "../tasks.ts";
import type { Thread } from "./spawn.ts";
import * as word from "./words.ts";

/** Does a task of a kernel. */
export type DoTask = (kernel: number, task: number) => void;

/** Bytes of the words by which threads speak to each other. */
export const controlBytes = 4 * (word.done + mostTasks);
/** So long the main thread waits for tasks that others have taken, in milliseconds, before it does them itself. */
const defaultPatience = 10_000;

/**
 * Workers that take tasks beside the main thread. The one that comes first takes the next task, the main thread too: so that work is done also while a worker
 * has not loaded a program yet, or is gone.
 */
export class Pool {
  readonly threads: number;
  readonly #workers: readonly Thread[];
  readonly #words: Int32Array;
  readonly #patience: number;
  #programs = 0;
  #failure: string | null = null;

  /** @param control - the address of `controlBytes` bytes of the memory. */
  constructor(workers: readonly Thread[], memory: LinearMemory, control: number, patience = defaultPatience) {
    this.threads = workers.length + 1;
    this.#workers = workers;
    this.#words = new Int32Array(memory.buffer, control, controlBytes / 4);
    this.#words.fill(0);
    this.#patience = patience;
  }

  /** Starts the workers' work; resolves when all are there. */
  async start(memory: LinearMemory, control: number): Promise<void> {
    try {
      await Promise.all(
        this.#workers.map(
          (worker) =>
            new Promise<void>((resolve, reject) => {
              worker.listen(resolve, (why) => {
                this.fail(why);
                reject(new Error(why));
              });
              worker.post({ memory, control, length: this.#words.length });
            }),
        ),
      );
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Why there are no workers any more; null while there are. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Notes that a worker is gone, after which this thread does all by itself. */
  fail(why: string): void {
    this.#failure ??= why;
  }

  /** Gives a program to all workers; returns its number. */
  add(module: object): number {
    const id = this.#programs++;
    this.#post({ id, module });
    return id;
  }

  remove(id: number): void {
    this.#post({ id });
  }

  /** Has all tasks of a kernel done, by this thread and the others. */
  run(program: number, doTask: DoTask, kernel: number, tasks: number): void {
    const words = this.#words;
    if (this.#failure !== null) {
      for (let task = 0; task < tasks; task++) doTask(kernel, task);
      return;
    }
    words[word.program] = program;
    words[word.kernel] = kernel;
    words[word.tasks] = tasks;
    Atomics.store(words, word.next, 0);
    const now = (Atomics.add(words, word.state, 1) + 1) | 0;
    Atomics.notify(words, word.state);
    for (;;) {
      const task = Atomics.add(words, word.next, 1);
      if (task >= tasks) break;
      doTask(kernel, task);
      Atomics.store(words, word.done + task, now);
    }
    Atomics.add(words, word.state, 1);
    if (!this.#isQuiet()) this.#rescue(doTask, kernel, tasks, now);
  }

  /** Ends the workers. They are woken first: Deno cannot end one that sleeps. */
  stop(): void {
    this.fail("it was stopped");
    this.#wake();
    for (const worker of this.#workers) worker.stop();
  }

  /** Waits until no worker is at work any more; false if that takes too long. A browser's main thread must not sleep, so it looks again and again. */
  #isQuiet(): boolean {
    let since = 0;
    for (let looks = 1; Atomics.load(this.#words, word.active) !== 0; looks++) {
      if (looks % 65_536 !== 0) continue;
      since ||= Date.now();
      if (Date.now() - since > this.#patience) return false;
    }
    return true;
  }

  /** Does again what a worker has taken and not done. */
  #rescue(doTask: DoTask, kernel: number, tasks: number, now: number): void {
    this.stop();
    this.#failure = `no answer for ${this.#patience} ms`;
    for (let task = 0; task < tasks; task++) {
      if (Atomics.load(this.#words, word.done + task) !== now) doTask(kernel, task);
    }
  }

  #post(message: object): void {
    if (this.#failure !== null) return;
    for (const worker of this.#workers) worker.post(message);
    this.#wake();
  }

  /** Sends the workers back to their messages. */
  #wake(): void {
    Atomics.add(this.#words, word.posted, 1);
    Atomics.add(this.#words, word.state, 2); // so that nobody sleeps over it
    Atomics.notify(this.#words, word.state);
  }
}
