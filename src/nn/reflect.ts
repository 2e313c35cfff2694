import { Tensor } from "../tensor.ts";
import { Layer } from "./layer.ts";

/**
 * The tensors and layers in a layer's public fields, alone or in arrays, by field order: `["weight", Tensor]`, `["layers.0", Layer]`.
 * Results of recorded ops are left out: they are no state, but computed from it.
 */
export function membersOf(layer: Layer): [string, Tensor | Layer][] {
  const visit = (name: string, value: unknown): [string, Tensor | Layer][] => {
    if (Array.isArray(value)) return value.flatMap((entry, i) => visit(`${name}.${i}`, entry));
    return value instanceof Layer || (value instanceof Tensor && value.op === null) ? [[name, value]] : [];
  };
  return Object.entries(layer).flatMap(([name, value]) => visit(name, value));
}

/**
 * A layer and everything in it, with paths (`""` for the layer itself), layers before what they hold. A layer that stands in itself is
 * not looked into again.
 */
export function walk(layer: Layer, path = "", above: readonly Layer[] = [layer]): [string, Tensor | Layer][] {
  const inside = membersOf(layer).flatMap(([name, member]): [string, Tensor | Layer][] => {
    const at = path + (path && ".") + name;
    if (member instanceof Tensor) return [[at, member]];
    return above.includes(member) ? [] : walk(member, at, [...above, member]);
  });
  return [[path, layer], ...inside];
}

/** A layer and all layers in it, by path. */
export function layersOf(layer: Layer): [string, Layer][] {
  return walk(layer).filter((entry): entry is [string, Layer] => entry[1] instanceof Layer);
}

/** All tensors in a layer, by path. One that several paths lead to is listed for each. */
export function tensorsOf(layer: Layer): [string, Tensor][] {
  return walk(layer).filter((entry): entry is [string, Tensor] => entry[1] instanceof Tensor);
}
