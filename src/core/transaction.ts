import { runtime, tickWriteClock, writeClock } from "./runtime.ts";

/**
 * Runs `fn`: all that it writes, or nothing. If it throws, every tensor that was assigned to or got another `grad`, and every generator that was drawn from, is as it was before, and holds the same
 * arrays: whatever was computed from them before stays valid, backward included.
 *
 * Writes are done at once; the first to each tensor or generator notes what was there (an array is never written into, so this is a reference and no copy). Inside of another transaction, what
 * `fn` wrote belongs to that one when `fn` is done: it, too, can still be undone.
 *
 * @param fn - a synchronous function.
 */
export function transaction<T>(fn: () => T): T {
  return written(fn, true);
}

/** Runs `fn`, and undoes all that it has written, however it ends: as `compile` records it. */
export function rehearsal<T>(fn: () => T): T {
  return written(fn, false);
}

function written<T>(fn: () => T, isKept: boolean): T {
  const outer = runtime.undo;
  const own = new Map<object, () => void>();
  const start = writeClock();
  let isDone = false;
  runtime.undo = own;
  try {
    const result = fn();
    isDone = isKept;
    return result;
  } finally {
    runtime.undo = outer;
    if (!isDone) undo(own, start);
    else if (outer !== null) for (const [x, back] of own) if (!outer.has(x)) outer.set(x, back);
  }
}

function undo(own: ReadonlyMap<object, () => void>, start: number): void {
  for (const back of own.values()) back();
  // Results of what was written stay invalid, though their inputs are older again.
  if (writeClock() > start) runtime.undone.push([start, writeClock()]);
  tickWriteClock();
  runtime.tracer?.undone?.();
}

/**
 * Notes how to put something back, before it changes.
 *
 * @param look - looks at what is there, and returns what puts it back. Not called outside of a transaction, nor for the second change.
 */
export function remember<X extends object>(x: X, look: (x: X) => () => void): void {
  const { undo } = runtime;
  if (undo !== null && !undo.has(x)) undo.set(x, look(x));
}

/** Whether a time of the write clock lies in a transaction that was undone, after its first write. */
export function isUndone(time: number): boolean {
  const { undone } = runtime;
  for (let i = undone.length - 1; i >= 0 && undone[i]![1] >= time; i--) if (undone[i]![0] < time) return true;
  return false;
}
