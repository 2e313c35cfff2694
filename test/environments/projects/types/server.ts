import { readFile, writeFile } from "node:fs/promises";
import { Linear } from "tinygrad-ts";
import { writeFileAtomic } from "tinygrad-ts/node";
import { decode, encode } from "tinygrad-ts/safetensors";

// What servers do, by Node's types.

export async function save(path: string): Promise<number> {
  const bytes = encode(new Linear(2, 1).stateDict());
  await writeFile(path, bytes);
  await writeFileAtomic(path, bytes);
  return decode(await readFile(path)).size + Buffer.from(bytes.buffer).length;
}
