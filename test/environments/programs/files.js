import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Linear } from "tinygrad-ts";
import { writeFileAtomic } from "tinygrad-ts/node";
import { decode, encode } from "tinygrad-ts/safetensors";

/** Writes a model's weights into the present folder, and reads them. */
export async function files() {
  const folder = await mkdtemp("files-");
  try {
    const path = join(folder, "model.safetensors");
    const model = new Linear(3, 2);
    await writeFileAtomic(path, encode(model.stateDict()));
    const copy = new Linear(3, 2);
    copy.loadStateDict(decode(await readFile(path)));
    return { same: String(copy.weight.data) === String(model.weight.data) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
