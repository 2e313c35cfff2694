/**
 * What needs Node's file system: writing files that cannot be torn. For Node, Bun and Deno.
 *
 * @module tinygrad-ts/node
 */

export { writeFileAtomic } from "./writeFileAtomic.ts";
