import { type Graph, type Id, markUses } from "./ir.ts";
import { withCopies, withoutDeadCode } from "./simplify.ts";
import { verify } from "./verify.ts";

const passes = [withoutDeadCode, withCopies];

/** The graph after all passes. They keep the leaves, in their order. */
export function withPasses(recorded: Graph, isVerified: boolean): Graph {
  return passes.reduce((before, pass) => (isVerified ? verify(pass(before), pass.name) : pass(before)), recorded);
}

/** Which nodes of a graph are read, and its leaves. */
export function readsOf({ nodes, checks }: Graph): { readonly leaves: Id[]; readonly isRead: (id: Id) => boolean } {
  const read = new Uint8Array(nodes.length);
  for (let id = 0; id < nodes.length; id++) markUses(nodes[id]!, read);
  for (const { bad, inputs } of checks) for (const id of [bad, ...inputs]) read[id] = 1;
  const leaves: Id[] = [];
  for (let id = 0; id < nodes.length; id++) if (nodes[id]!.kind === "leaf") leaves.push(id);
  return { leaves, isRead: (id) => read[id] === 1 };
}
