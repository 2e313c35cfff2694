import type { TypedArray } from "../core/dtype.ts";
import { describe } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { hashOf, hashOfText } from "./hash.ts";

/** Something that must be the same on all ranks: what tells it from others, and how it is called where it is not. */
export interface Part {
  readonly hash: number;
  /** Its name and value, in a few words. */
  readonly text: () => string;
}

/** A tensor, bit for bit. */
export function partOfTensor(name: string, x: Tensor): Part {
  const text = (): string => {
    const sum = (x.values as Float64Array).reduce((total, v) => total + v, 0);
    return `${name}, ${describe(x)}, ${x.size === 1 ? sum : `with the sum ${Number(sum.toPrecision(9))}`}`;
  };
  return { hash: (hashOf(bytesOf(x.values)) + hashOfText(String(x.shape))) % 2 ** 52, text };
}

/** Parameters that have no names, in their order. */
export function partsOfParameters(parameters: readonly Tensor[]): Part[] {
  return parameters.map((x, i) => partOfTensor(`parameter ${i}`, x));
}

/** Settings by name; what is no plain value is left out. */
export function partsOfSettings(settings: { readonly [name: string]: unknown }): Part[] {
  return Object.entries(settings).map(([name, value]) => {
    const text = `${name}: ${JSON.stringify(value) ?? "not given"}`;
    return { hash: hashOfText(text), text: () => text };
  });
}

/** A long text, line by line. */
export function partsOfText(text: string): Part[] {
  return text.split("\n").map((line) => ({ hash: hashOfText(line), text: () => line.trim() }));
}

/** What tells lists of parts apart. */
export function hashOfParts(parts: readonly Part[]): string {
  return hashOf(bytesOf(Float64Array.from(parts, ({ hash }) => hash))).toString(36);
}

export const bytesOf = (x: TypedArray): Uint8Array => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
