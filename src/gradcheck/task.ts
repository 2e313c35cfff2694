/**
 * A computation that may have to wait for the user's functions: a generator that yields promises and is given what they bring. One text
 * thus serves functions that return values and functions that return promises.
 */
export type Task<T> = Generator<PromiseLike<unknown>, T, unknown>;

/** What a user's function may return: a value, or a promise of it. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** The value of what may be a promise. */
export function* wait<T>(value: MaybePromise<T>): Task<T> {
  return isPromise(value) ? ((yield value) as T) : value;
}

/** Runs a task: to its end if it never has to wait, else as a promise. */
export function run<T>(task: Task<T>): T | Promise<T> {
  const step = task.next();
  return step.done ? step.value : finish(task, step.value);
}

async function finish<T>(task: Task<T>, first: PromiseLike<unknown>): Promise<T> {
  let pending = first;
  for (;;) {
    const resume = await pending.then(
      (value) => () => task.next(value),
      (error) => () => task.throw(error),
    );
    const step = resume();
    if (step.done) return step.value;
    pending = step.value;
  }
}

function isPromise<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
