import { isLanguage, type Language } from "../labels.ts";
import {
  activations,
  batchSizes,
  changed,
  datasets,
  defaults,
  limits,
  lossesFor,
  noises,
  optimizers,
  pointCount,
  rates,
  type Settings,
} from "./settings.ts";

/** What a link to the page holds. */
export interface Address {
  readonly settings: Settings;
  /** How many steps were trained. */
  readonly step: number;
  /** The point that is followed through the network. */
  readonly point: number;
  /** How far it was followed: a position in the walk; null if it is not. */
  readonly walk: number | null;
  readonly language: Language | null;
}

/** The page's state as the part of its address behind `#`; what is as usual is left out. */
export function formatAddress({ settings, step, point, walk, language }: Address): string {
  const { data, noise, batch, layers, activation, loss, optimizer, lr, seed } = settings;
  const all = { data, noise, batch, layers: layers.join("-") || "0", activation, loss, optimizer, lr, seed };
  const usual: Record<string, unknown> = { ...defaults, layers: defaults.layers.join("-"), loss: lossesFor(data)[0] };
  const parts = Object.entries(all).filter(([key, value]) => value !== usual[key]);
  if (step > 0) parts.push(["step", step]);
  if (point > 0) parts.push(["point", point]);
  if (walk !== null) parts.push(["walk", walk]);
  if (language !== null) parts.push(["lang", language]);
  return new URLSearchParams(parts.map(([key, value]): [string, string] => [String(key), String(value)])).toString();
}

/** Reads an address. What is missing is as usual; so is what makes no sense, whose names are in `refused`. */
export function parseAddress(hash: string): { readonly address: Address; readonly refused: readonly string[] } {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const refused: string[] = [];
  const read = <T>(key: string, otherwise: T, parse: (text: string) => T | undefined): T => {
    const text = given.get(key);
    if (text === null) return otherwise;
    const value = parse(text);
    if (value === undefined) refused.push(key);
    return value ?? otherwise;
  };
  const oneOf =
    <T extends string | number>(list: readonly T[]) =>
    (text: string): T | undefined =>
      list.find((item) => String(item) === text);
  const count =
    (most: number) =>
    (text: string): number | undefined =>
      /^\d{1,9}$/.test(text) && Number(text) <= most ? Number(text) : undefined;

  const data = read("data", defaults.data, oneOf(datasets));
  const settings = changed(defaults, {
    data,
    noise: read("noise", defaults.noise, oneOf(noises)),
    batch: read("batch", defaults.batch, oneOf(batchSizes)),
    layers: read("layers", defaults.layers, parseLayers),
    activation: read("activation", defaults.activation, oneOf(activations)),
    loss: read("loss", lossesFor(data)[0]!, oneOf(lossesFor(data))),
    optimizer: read("optimizer", defaults.optimizer, oneOf(optimizers)),
    lr: read("lr", defaults.lr, oneOf(rates)),
    seed: read("seed", defaults.seed, count(limits.seed)),
  });
  return {
    address: {
      settings,
      step: read("step", 0, count(limits.steps)),
      point: read("point", 0, count(pointCount - 1)),
      walk: read<number | null>("walk", null, count(9999)),
      language: read<Language | null>("lang", null, (text) => (isLanguage(text) ? text : undefined)),
    },
    refused,
  };
}

function parseLayers(text: string): readonly number[] | undefined {
  if (text === "0") return [];
  const sizes = text.split("-").map((size) => (/^\d{1,2}$/.test(size) ? Number(size) : 0));
  const fits = sizes.length <= limits.layers && sizes.every((size) => size >= 1 && size <= limits.neurons);
  return fits ? sizes : undefined;
}
