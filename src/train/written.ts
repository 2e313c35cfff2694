import { Tensor } from "../tensor.ts";

interface Member {
  readonly key: PropertyKey;
  readonly code: unknown;
  readonly setter: unknown;
  readonly isAccessor: boolean;
}

/**
 * Looks for methods that somebody has replaced in the prototypes of the library's classes: `Linear.prototype.forward = …`. What stands in a class is known by its text, since the text of a class holds those of its methods. So it is
 * found also where it was replaced before anyone looked; and where a class does not say its text, or a tool has rewritten it, its methods count as replaced.
 *
 * What was added, under a name that neither the class nor one above it has, is nothing that the library calls.
 *
 * @returns a function that looks at prototypes and those above them, and names what was replaced, or gives null. What it has found to be written so, it only compares the next time.
 */
export function makeReplaced(): (prototypes: Iterable<object>) => string | null {
  const known = new Map<object, readonly Member[]>();
  // Ops by the names of methods are for users: what the library is made of calls the functions, but for `to`.
  const ends = [Object.prototype, Object.getPrototypeOf(Tensor.prototype) as object];
  return (prototypes) => {
    const seen = new Set(ends);
    for (const prototype of prototypes) {
      for (let at: object | null = prototype; at !== null && !seen.has(at); at = Object.getPrototypeOf(at)) {
        seen.add(at);
        if (isUnchanged(at, known.get(at))) continue;
        const members = Reflect.ownKeys(at).map((key) => memberOf(at!, key));
        const replaced = members.find((member) => !isWritten(at!, member));
        if (replaced !== undefined) return `${at.constructor.name}.prototype.${String(replaced.key)}`;
        // A class whose text has nothing is a base that stands in nobody's way, and has what consoles ask for.
        known.set(at, members.some((member) => isInText(at!, member)) ? members : []);
      }
    }
    return null;
  };
}

function memberOf(prototype: object, key: PropertyKey): Member {
  const { value, get, set } = Object.getOwnPropertyDescriptor(prototype, key)!;
  return { key, code: get ?? value, setter: set, isAccessor: (get ?? set) !== undefined };
}

function isUnchanged(prototype: object, before: readonly Member[] | undefined): boolean {
  if (before?.length === 0) return true;
  if (before === undefined || Reflect.ownKeys(prototype).length !== before.length) return false;
  return before.every(({ key, code, setter, isAccessor }) => {
    if (!isAccessor) return (prototype as { readonly [key: PropertyKey]: unknown })[key] === code; // without a descriptor, which takes longer
    const now = Object.getOwnPropertyDescriptor(prototype, key);
    return now !== undefined && (now.get ?? now.value) === code && now.set === setter;
  });
}

/** Whether a member of a prototype stands so in the text of its class, or is none that the class has. */
function isWritten(prototype: object, { key, code, setter }: Member): boolean {
  if (key === "constructor") return (code as { readonly prototype?: unknown }).prototype === prototype;
  if (!isInText(prototype, { key }) && !(key in Object.getPrototypeOf(prototype))) return true;
  return [code, setter].every((fn) => fn === undefined || isMethodIn(textOf(prototype.constructor), key, fn));
}

const isInText = (prototype: object, { key }: Pick<Member, "key">): boolean =>
  typeof key === "string" && key !== "constructor" && textOf(prototype.constructor).includes(key);

function isMethodIn(text: string, key: PropertyKey, fn: unknown): boolean {
  if (typeof fn !== "function") return false;
  const method = textOf(fn);
  // By its name, too: a small function such as `x => x` may stand anywhere.
  const name = method.replace(/^(get|set|async)\s+|^\*\s*/, "");
  return text.includes(method) && name.startsWith(typeof key === "string" ? key : "[");
}

const textOf = (fn: unknown): string => Function.prototype.toString.call(fn);
