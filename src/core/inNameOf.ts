import { isTinygradError } from "./errors.ts";

/**
 * Runs a part of a public function. What the parts of these names refuse is refused in the name of the function that was called, which is the one that its caller knows.
 *
 * @param parts - names that stand in the errors of what is called inside.
 */
export function inNameOf<T>(op: string, parts: readonly string[], run: () => T): T {
  try {
    return run();
  } catch (error) {
    // What detectAnomaly throws in an op refuses nothing: it is about that op.
    if (isTinygradError(error) && error.path === "" && parts.includes(error.op) && error.name !== "AnomalyError") {
      const before = error.message;
      const message = op + before.slice(error.op.length);
      // Engines write the message into the stack.
      const stack = error.stack?.replace(before, () => message) ?? message;
      Object.assign(error, { op, message, stack });
    }
    throw error;
  }
}
