import { afterEach, describe, expect, test } from "vitest";
import { isTensor, runtime } from "../../src/core/runtime.ts";
import { TinygradError, tensor } from "../../src/index.ts";
import { enrolled } from "./enrolled.ts";
import { type Parameter, type Subject, subjectsOf } from "./exports.ts";
import { junk } from "./junk.ts";
import type { Sample } from "./samples/sample.ts";

// Whatever is exported and takes arguments, found from the types: each argument in turn is replaced by what its type does not take, and must be refused by a typed error
// that begins with the function's name. An export without a sample fails, so that a new one cannot be forgotten.

// Right calls of accelerate and useBlas switch something on.
afterEach(() => {
  runtime.accelerators.length = 0;
});

const copy = (): unknown => structuredClone(tensor([1, 2]));
const proxy = (): unknown => new Proxy(tensor([1, 2]), {});

/** Names that options have in other libraries, and none has here. */
const namesElsewhere = [
  ...["divisorOverride", "classWeight", "logInput", "units", "dilationRate", "useBias", "strides", "ddof", "stddev"],
  ...["maxIter", "numLayers", "kdim", "isCausal", "avg"],
];

/** What to put in place of an argument, by what it is. */
function wrongFor({ refuses, takesTensors }: Parameter, taken: readonly string[] = []): [string, () => unknown][] {
  const plain = refuses
    .filter((kind) => !taken.includes(kind))
    .map((kind): [string, () => unknown] => [kind, () => junk[kind]]);
  return takesTensors ? [...plain, ["a clone of a tensor", copy], ["a Proxy of a tensor", proxy]] : plain;
}

/** All wrong calls of a subject: what is wrong, and the arguments. */
function wrongCalls({ parameters, kind }: Subject, sample: Sample): [string, () => unknown[], RegExp?][] {
  const first = kind === "method" ? 1 : 0;
  const withArgument = (i: number, make: (own: unknown) => unknown) => (): unknown[] => {
    const args = [...sample.args()];
    while (args.length < i + first + 1) args.push(undefined);
    args[i + first] = make(args[i + first]);
    return args;
  };
  return parameters.flatMap((parameter, i): [string, () => unknown[], RegExp?][] => {
    const { name, options } = parameter;
    const alone = wrongFor(parameter, sample.takes?.[name]).map(([what, make]): [string, () => unknown[]] => [
      `${name}: ${what}`,
      withArgument(i, make),
    ]);
    if (options === null) return alone;
    const bagWith = (entry: object) => withArgument(i, (own) => ({ ...(own as object | undefined), ...entry }));
    const unknown: [string, () => unknown[], RegExp] = [
      `${name}: an unknown option`,
      bagWith({ bogus: 1 }),
      /there is no such (option|state|constraint), got bogus/,
    ];
    // A hint is a sentence: the bare name of an option that only a relative has leads nowhere.
    const elsewhere = namesElsewhere.map((other): [string, () => unknown[], RegExp] => [
      `${name}: ${other}`,
      bagWith({ [other]: 1 }),
      /^(?!.*; \w+$)/,
    ]);
    const inside = options.flatMap((option) =>
      wrongFor(option, sample.takes?.[`${name}.${option.name}`]).map(([what, make]): [string, () => unknown[]] => [
        `${name}.${option.name}: ${what}`,
        () => bagWith({ [option.name]: make() })(),
      ]),
    );
    return [...alone, unknown, ...elsewhere, ...inside];
  });
}

function call({ name, kind }: Subject, of: Record<string, unknown>, args: unknown[]): unknown {
  const [own, method] = name.split(".") as [string, string?];
  if (kind === "class") return new (of[own] as new (...args: unknown[]) => unknown)(...args);
  if (kind === "function") return (of[own] as (...args: unknown[]) => unknown)(...args);
  const [object, ...rest] = args;
  return (object as Record<string, (...args: unknown[]) => unknown>)[method!]!(...rest);
}

/** What went wrong with a wrong call, or nothing if it was refused as it should be. */
async function faultOf(subject: Subject, sample: Sample, of: Record<string, unknown>, args: unknown[], text?: RegExp) {
  const name = sample.as ?? subject.name.split(".").at(-1)!;
  try {
    const result = await call(subject, of, args);
    return `taken, gives ${isTensor(result) ? result.toString() : typeof result}`;
  } catch (error) {
    if (!(error instanceof TinygradError)) return `${error}`;
    if (!new RegExp(`^(${name}): `).test(error.message)) return `not by ${name}: ${error.message}`;
    return text === undefined || text.test(error.message) ? undefined : error.message;
  }
}

/**
 * Functions that are called again and again within others, or whose one argument is a function that is called at once; and entry points of one argument, to which the check would bring 4 kB.
 */
const silent = new Set(["apply", "noGrad", "blas", "useBlas", "mpi", "groupOf", "threadGroup", "threadSeats"]);

const found = subjectsOf(enrolled.map(({ file }) => file));

for (const [i, { entry, file, samples, exempt }] of enrolled.entries()) {
  const subjects = found[i]!;
  const of = (await import(/* @vite-ignore */ file)) as Record<string, unknown>;
  describe(entry, () => {
    test("finds what is exported", () => {
      expect(subjects.length).toBeGreaterThan(0);
    });

    test("each export has a sample, and each sample an export", () => {
      const names = subjects.map(({ name }) => name);
      expect(names.filter((name) => !(name in samples || name in exempt))).toEqual([]);
      expect(
        Object.keys(samples)
          .concat(Object.keys(exempt))
          .filter((name) => !names.includes(name)),
      ).toEqual([]);
    });

    for (const subject of subjects) {
      const sample = samples[subject.name];
      if (sample === undefined) continue;
      test(`${subject.name} refuses what its types refuse`, async () => {
        await call(subject, of, [...sample.args()]);
        const faults: string[] = [];
        for (const [what, args, text] of wrongCalls(subject, sample)) {
          const fault = await faultOf(subject, sample, of, args(), text);
          if (fault !== undefined) faults.push(`${what}: ${fault}`);
        }
        expect(faults).toEqual([]);
      });

      if (subject.hasRest || silent.has(subject.name)) continue;
      test(`${subject.name} refuses an argument too many`, async () => {
        const args = [...sample.args()];
        while (args.length < subject.parameters.length + (subject.kind === "method" ? 1 : 0)) args.push(undefined);
        for (const more of [{ bogus: 1 }, 0, null]) {
          await expect((async () => await call(subject, of, [...args, more]))()).rejects.toThrow(TinygradError);
        }
      });
    }
  });
}
