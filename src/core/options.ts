import { textOf, ValueError } from "./errors.ts";
import { isGenerator, isTensor } from "./runtime.ts";

type Kind = "boolean" | "number" | "string" | "function" | "tensor" | "generator" | "float dtype";

/** What an option's value must be. `"any"` leaves it to the function that takes it. */
export type OptionKind = Kind | `${Kind} or null` | "any";

/** The options that a function takes, each with its kind: complete, or it does not compile. */
export type OptionKinds<T> = { readonly [K in keyof Required<T>]: OptionKind };

/**
 * Checks options at the door: that they are an object, that each is known, and that switches, numbers and functions are such.
 *
 * @param op - the function that takes them.
 * @param options - what was given; nothing is as good as `{}`.
 * @param kinds - all options that there are.
 * @returns the options, without those that are undefined.
 * @throws {@link ValueError} naming the nearest option, or what to write where an option's value stands in place of the options.
 */
export function checkOptions<T extends object>(op: string, options: T | undefined, kinds: OptionKinds<T>): T {
  if (options === undefined) return {} as T;
  const known = kinds as { readonly [name: string]: OptionKind };
  // By the tag, which arrays, Maps, promises, tensors, layers and generators have one of their own of, in every realm.
  if (Object.prototype.toString.call(options) !== "[object Object]") {
    throw new ValueError(op, "options must be an object", textOf(options), exampleOf(options, known));
  }
  const entries = Object.entries(options);
  for (const [name, value] of entries) {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined) throw unknownOption(op, name, Object.keys(known));
    if (kind === "any" || value === undefined || isOfKind(value, kind)) continue;
    throw new ValueError(op, `${name} must be a ${kind}`, textOf(value), hints[kind] ?? "");
  }
  const given = entries.filter(([, value]) => value !== undefined);
  return given.length === entries.length ? options : (Object.fromEntries(given) as T);
}

function isOfKind(value: unknown, kind: Exclude<OptionKind, "any">): boolean {
  const [base] = kind.split(" or ");
  if (value === null) return base !== kind;
  if (base === "tensor") return isTensor(value);
  if (base === "float dtype") return value === "float32" || value === "float64";
  return base === "generator" ? isGenerator(value) : typeof value === base;
}

const hints: { readonly [kind in OptionKind]?: string } = {
  tensor: "wrap values in tensor(…)",
  "tensor or null": "wrap values in tensor(…)",
  generator: "write new Generator(seed)",
  "float dtype": 'write "float32" or "float64"',
  boolean: "write true or false",
};

/** The error for an option that there is not. */
export function unknownOption(op: string, name: string, known: readonly string[]): ValueError {
  const hint = hintFor(name, known);
  return new ValueError(op, "there is no such option", name, hint);
}

/** What to write instead of an option's value in place of the options: `{ keepDims: true }`. */
function exampleOf(given: unknown, known: { readonly [name: string]: OptionKind }): string {
  const names = Object.keys(known);
  if (names.length === 0) return "leave them out: there are none";
  const name = names.find((key) => known[key] !== "any" && given !== null && isOfKind(given, known[key] as Kind));
  if (name !== undefined) return `write { ${name}: ${typeof given === "object" ? "…" : literalOf(given)} }`;
  return names.length === 1 ? `write { ${names[0]}: … }` : `write { ${names.join(", ")} } with those that you need`;
}

function literalOf(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : typeof value === "function" ? "…" : String(value);
}

/** Names that PyTorch, NumPy or Keras give to what has another name here. */
const elsewhere: { readonly [name: string]: string } = {
  dim: "axis",
  axis: "the axis is an argument of its own, say sum(x, 1)",
  device: "there are no devices",
  unbiased: "write correction: 0 for the biased variance",
  size_average: 'write reduction: "mean" or "sum"',
  inplace: "ops never change their input",
  keepdims: "keepDims",
  learningRate: "lr",
  epsilon: "eps",
  l2: "weightDecay",
  useBias: "bias",
  negativeSlope: "slope",
  elementwiseAffine: "affine",
  center: "affine",
  scale: "affine",
  trackRunningStats: "tracksStatistics",
  paddingIdx: "paddingIndex",
  etaMin: "minLr",
  pctStart: "warmup",
  divFactor: "divide",
  finalDivFactor: "finalDivide",
  maxIter: "maxIterations",
  maxEval: "maxEvaluations",
  normType: "p",
  initialAccumulatorValue: "initialAccumulator",
  kernelInitializer: "draw the start yourself: layer.weight.assign(kaimingNormal(layer.weight.shape))",
  weightInit: "draw the start yourself: layer.weight.assign(kaimingNormal(layer.weight.shape))",
  maximize: "negate the loss",
};

/** What an unknown name most likely stands for, and else all that there are. */
export function hintFor(name: string, known: readonly string[]): string {
  const camel = name.replace(/_+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
  const word = Object.hasOwn(elsewhere, camel) ? elsewhere[camel] : undefined;
  const other = word === "axis" && !known.includes(word) ? elsewhere[word] : word;
  if (other !== undefined && !known.includes(camel) && (other.includes(" ") || known.includes(other))) {
    return other.includes(" ") ? other : `did you mean ${other}?`;
  }
  const nearest = nearestOf(camel, known);
  if (nearest !== undefined) return `did you mean ${nearest}?`;
  if (known.length === 1) return `there is ${known[0]} only`;
  return known.length === 0 ? "it takes none" : `there are ${known.join(", ")}`;
}

/** The known name that is nearest to a word, if one is near: letters that differ at most in a third of it. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(word.toLowerCase(), name.toLowerCase());
    if (distance < least) [nearest, least] = [name, distance];
  }
  return nearest;
}

/** How many letters must be put in, taken out, replaced or swapped with the next (Damerau's distance, of optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1]));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j]!, (before[j - 2] ?? 0) + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
