/// <reference types="node" />

import { randomBytes } from "node:crypto";
import { open, realpath, rename, stat, unlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { type Bytes, bytesOf } from "../core/bytes.ts";
import { ValueError } from "../core/errors.ts";
import { refuseMore } from "../core/surplus.ts";
import { pathOf } from "./path.ts";

/**
 * Writes a file atomically: whatever happens, you find either the old file or the new one, complete. It writes the bytes to another file in the same folder, forces them to the disk, and that file
 * then takes the name of the old one. If anything fails, only the old file stays.
 *
 * If the path is a link, the file that it points to is replaced.
 *
 * @param path - where, as a string or a `file:` URL; the folder must exist.
 * @param bytes - what, say from `encode` or `encodeCheckpoint`: a `Uint8Array`, an `ArrayBuffer` or other bytes, of any realm.
 * @throws `ValueError` for anything but bytes, for the path of a folder, and where the folder does not exist (with the system's `code`, ENOENT); the system's other errors, such as ENOSPC.
 * @example
 * import { mkdtemp, readFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { Linear } from "tinygrad-ts";
 * import { writeFileAtomic } from "tinygrad-ts/node";
 * import { decode, encode } from "tinygrad-ts/safetensors";
 *
 * const path = join(await mkdtemp(join(tmpdir(), "models-")), "model.safetensors");
 * await writeFileAtomic(path, encode(new Linear(2, 3).stateDict()));
 * [...decode(await readFile(path)).keys()]; // → ["weight", "bias"]
 */
export async function writeFileAtomic(path: string | URL, bytes: Bytes): Promise<void> {
  refuseMore("writeFileAtomic", arguments, 2);
  const hint = "write writeFileAtomic(path, encode(model.stateDict()))";
  const target = pathOf("writeFileAtomic", path, hint);
  await writeBytes("writeFileAtomic", target, bytesOf("writeFileAtomic", bytes, hint));
}

/** {@link writeFileAtomic}, in the name of the function that is called. */
export async function writeBytes(op: string, path: string, content: Uint8Array): Promise<void> {
  const target = await followed(op, path);
  const temporary = `${target}.${randomBytes(6).toString("hex")}.tmp`;
  const file = await open(temporary, "wx").catch((error: { readonly code?: string }) => {
    const reasons: { readonly [code: string]: string } = { ENOENT: "does not exist", ENOTDIR: "is no folder" };
    const reason = reasons[error.code ?? ""];
    if (reason === undefined) throw error;
    const refusal = new ValueError(
      op,
      "the folder must exist",
      `${path}, where ${dirname(target)} ${reason}`,
      "make it first: mkdir",
    );
    throw Object.assign(refusal, { cause: error, code: error.code });
  });
  try {
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary);
    throw error;
  }
  await syncFolder(dirname(target));
}

/** Where a link leads, or the path itself if nothing is there yet. A folder is refused at once: it would be only when the bytes lie beside it. */
async function followed(op: string, path: string): Promise<string> {
  try {
    const target = await realpath(path);
    if (!(await stat(target)).isDirectory()) return target;
    throw new ValueError(op, "needs the path of a file", `a folder, ${path}`, "put the file's name behind it");
  } catch (error) {
    if ((error as { readonly code?: string }).code === "ENOENT") return resolve(path);
    throw error;
  }
}

/** Forces a folder's names to the disk, without which a new name could be lost with the power. Windows has no way to. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
