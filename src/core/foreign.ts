import { ValueError } from "./errors.ts";

/**
 * Refuses properties that an object has under another name, or that must not be set: set by plain JavaScript, they would be silently ignored. They do not show in keys, JSON or printing.
 *
 * @param names - for each name what to write instead.
 */
export function refuseNames(target: object, names: { readonly [name: string]: string }): void {
  for (const [name, hint] of Object.entries(names)) {
    const refuse = (): never => {
      throw new ValueError(name, "there is no such property", "", hint);
    };
    Object.defineProperty(target, name, { get: refuse, set: refuse, configurable: true });
  }
}

/** Refuses to set a property that is only to be read: outside of modules, JavaScript would silently ignore it. */
export function readOnly(name: string, hint: string): never {
  throw new ValueError(name, "cannot be set", "", hint);
}

/** Makes a property that is there one that is only to be read. */
export function keep(target: object, name: string, value: unknown, hint: string): void {
  Object.defineProperty(target, name, { get: () => value, set: () => readOnly(name, hint) });
}

/** Refuses an object that `Object.freeze` or `Object.seal` has closed: what is to be written could not be. */
export function refuseFrozen(op: string, x: object): void {
  if (!Object.isExtensible(x))
    throw new ValueError(op, "tensors and layers must not be frozen", "one", "leave out Object.freeze");
}
