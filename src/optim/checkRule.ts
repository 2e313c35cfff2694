import { checkTensor } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError, textOf, ValueError } from "../core/errors.ts";
import { hintFor, unknownOption } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { describe, sameShape } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { checkBetas } from "./betas.ts";
import { checkSetting } from "./optimizer.ts";

/** The settings of a rule but for `lr`, each with a value of its kind. Switches may be left out. */
type Settings = { readonly [name: string]: number | boolean | readonly number[] };

/** Parts of a state that are scalars, whatever the parameter's shape. */
const scalars: readonly string[] = ["step", "product"];

/**
 * Refuses what a rule cannot compute with. The optimizers do without: what they pass fits.
 *
 * @param known - the known settings.
 * @param parts - given the settings, the names of the state's tensors, and of each whether it must be there.
 */
export function checkRule<S extends Settings>(
  op: string,
  [p, g, state, settings]: readonly [p: unknown, g: unknown, state: unknown, settings: unknown],
  known: S,
  parts: (settings: S) => { readonly [part: string]: boolean },
): void {
  checkTensor(op, p, "p");
  const parameter = p as Tensor;
  if (!isFloat(parameter.dtype)) throw new DTypeError(op, "p must be floating", describe(parameter));
  checkLike(op, "g", g, parameter);
  checkSettings(op, settings, known);
  const needed = parts(settings as S);
  const names = Object.keys(needed);
  if (!isPlain(state)) {
    throw new ValueError(op, "state must be an object of tensors", textOf(state), `write { ${names.join(", ")} }`);
  }
  const surplus = Object.keys(state).find((name) => !names.includes(name));
  if (surplus !== undefined) {
    throw new ValueError(op, "there is no such state", surplus, hintFor(surplus, names));
  }
  for (const name of names) {
    const x = state[name];
    if (x === undefined && !needed[name]) continue;
    if (scalars.includes(name)) checkScalar(op, `state.${name}`, x);
    else checkLike(op, `state.${name}`, x, parameter);
  }
}

function checkSettings(op: string, settings: unknown, known: Settings): void {
  if (!isPlain(settings)) {
    const hint = `write { ${["lr", ...Object.keys(known)].join(", ")} }`;
    throw new ValueError(op, "settings must be an object", textOf(settings), hint);
  }
  checkScalar(op, "lr", settings["lr"]);
  for (const name of Object.keys(settings)) {
    // An optimizer's groups, which may stand for settings, have `params`.
    if (name in known || name === "lr" || name === "params") continue;
    throw unknownOption(op, name, ["lr", ...Object.keys(known)]);
  }
  for (const [name, like] of Object.entries(known)) {
    const value = settings[name];
    if (Array.isArray(like)) checkBetas(op, value);
    if (typeof like !== "boolean") checkSetting(op, name, value);
    else if (value !== undefined && typeof value !== "boolean") {
      throw new ValueError(op, `${name} must be a boolean`, textOf(value), "write true or false");
    }
    const isShare = name === "rho" || name === "alpha";
    if (isShare && (value as number) > 1) throw new ValueError(op, `${name} must be from 0 to 1`, textOf(value));
  }
}

/** Refuses what would broadcast, or change the parameter's dtype. */
function checkLike(op: string, name: string, x: unknown, p: Tensor): void {
  checkTensor(op, x, name);
  const { shape, dtype } = x as Tensor;
  if (sameShape(shape, p.shape) && dtype === p.dtype) return;
  throw new ShapeError(op, `${name} must have the shape and dtype of p`, `${describe(x as Tensor)} for ${describe(p)}`);
}

function checkScalar(op: string, name: string, x: unknown): void {
  if (!isTensor(x)) checkTensor(op, x, name);
  else if (x.shape.length > 0 || !isFloat(x.dtype)) {
    throw new ShapeError(op, `${name} must be a floating scalar`, describe(x));
  }
}

function isPlain(value: unknown): value is { readonly [name: string]: unknown } {
  return Object.prototype.toString.call(value) === "[object Object]";
}
