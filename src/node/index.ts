/**
 * Functions for the file system: atomic writes, and models as files. For Node, Bun and Deno.
 *
 * @module tinygrad-ts/node
 */

export { loadModel, saveModel } from "./models.ts";
export { writeFileAtomic } from "./writeFileAtomic.ts";
