import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packInto, unpackInto } from "../package/tarball.ts";
import { modules } from "./folders.ts";

/** Puts the packed package among what is installed here, with dist/ as it is: `npm run build` first. */
export function setup(): void {
  const folder = mkdtempSync(join(tmpdir(), "tinygrad-ts-packed-"));
  try {
    const installed = join(modules, "tinygrad-ts");
    rmSync(installed, { recursive: true, force: true });
    unpackInto(installed, packInto(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
