import { mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { gunzipSync } from "node:zlib";
import { writeFileAtomic } from "tinygrad-ts/node";
import { InputError } from "./cli.ts";

/** The bytes of a file; unpacked, if they are gzip's. */
export function readBytes(path: string): Buffer {
  const bytes = attempt(`cannot read ${path}`, () => readFileSync(path));
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return isGzip ? attempt(`${path} is not a whole gzip file`, () => gunzipSync(bytes)) : bytes;
}

/** Makes the folder for a file that will be written, so that a bad path is told before the work and not after. */
export function prepareToWrite(path: string): void {
  attempt(`cannot write ${path}`, () => mkdirSync(dirname(path), { recursive: true }));
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new InputError(`cannot write ${path}: it is a folder`);
}

/** Writes a file whole or not at all. */
export async function writeText(path: string, text: string): Promise<void> {
  await writeBytes(path, new TextEncoder().encode(text));
}

/** Writes a file whole or not at all. */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFileAtomic(path, bytes);
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${(error as Error).message}`);
  }
}

/** What the system refuses is the user's to put right. */
function attempt<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new InputError(`${what}: ${(error as Error).message}`);
  }
}
