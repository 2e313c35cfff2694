import { MpiError } from "./errors.ts";

/** What is used of `node:fs`. */
interface Files {
  openSync(path: string, flags: string): number;
  closeSync(file: number): void;
  ftruncateSync(file: number, bytes: number): void;
  writeSync(file: number, text: string, position: number): number;
  readFileSync(path: string, encoding: "utf8"): string;
}

/** What stands in the line of a rank that has come to its end. */
export const ended = "ended";

/** A file with a line for each rank: the step that it is at, or that it has come to its end. */
export interface Heartbeat {
  /** Called by all ranks, before the first of them notes anything. */
  begin(): void;
  /** Notes where this rank stands. */
  beat(text: string): void;
  /** Where each rank stands. */
  now(): readonly string[];
  /** Where each rank stood when the last job ended; null if all had come to their end. */
  readonly before: readonly string[] | null;
}

/** Each line is so long, with its end: all are written in place. */
const width = 48;

/** Opens the file, and reads what the last job has left; null without a path. */
export async function openHeartbeat(path: string | undefined, rank: number, size: number): Promise<Heartbeat | null> {
  if (path === undefined) return null;
  const name: string = "node:fs"; // named so that nothing looks for its types, or bundles it
  const files = (await import(name)) as Files;
  const read = (): string[] => {
    const lines = files.readFileSync(path, "utf8").split("\n");
    return lines.map((line) => line.replaceAll("\0", "").trim()).filter((line) => line !== "");
  };
  let file: number;
  try {
    files.closeSync(files.openSync(path, "a")); // made if it is not there
    file = files.openSync(path, "r+");
  } catch (error) {
    throw new MpiError("mpi", "the heartbeat must be a file that can be written", (error as Error).message);
  }
  const found = read();
  return {
    before: found.length === 0 || found.every((line) => line.endsWith(ended)) ? null : found,
    now: read,
    begin() {
      if (rank === 0) files.ftruncateSync(file, size * width); // the last job may have had more ranks
    },
    beat(text) {
      const line = `rank ${rank}: ${text}`.slice(0, width - 1).padEnd(width - 1);
      files.writeSync(file, `${line}\n`, rank * width);
    },
  };
}
