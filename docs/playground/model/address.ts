import type { Language } from "../labels.ts";
import { type Speed, usualSpeed } from "./pace.ts";
import { count, oneOf, Parameters } from "./parameters.ts";
import {
  activations,
  allDatasets,
  batchSizes,
  changed,
  countOf,
  decays,
  defaults,
  type Feature,
  features,
  limits,
  lossesFor,
  noises,
  optimizers,
  parameterCount,
  presets,
  rates,
  type Settings,
  type Start,
} from "./settings.ts";

/** A neuron's place: its layer, where 0 is the inputs, and its number in it, from 0. */
export interface At {
  readonly column: number;
  readonly row: number;
}

/** What a link to the page holds: all that is seen. */
export interface Address {
  readonly settings: Settings;
  /** How many steps were trained. */
  readonly step: number;
  /** The point that is followed through the network. */
  readonly point: number;
  /** How far it was followed: a position in the walk; null if it is not. */
  readonly walk: number | null;
  /** The neuron that is looked at; null for none. */
  readonly neuron: At | null;
  /** The node of the computation graph that is chosen; null if the graph is closed. */
  readonly graph: number | null;
  readonly speed: Speed;
  readonly language: Language | null;
  /** Whether only the network is shown, for a frame in another page. */
  readonly embed: boolean;
}

/** What the page opens with, without a link. */
export const opening: Address = {
  settings: defaults,
  step: 0,
  point: 0,
  walk: null,
  neuron: null,
  graph: null,
  speed: usualSpeed,
  language: null,
  embed: false,
};

/** The page's state as the part of its address behind `#`; what is as usual is left out. */
export function formatAddress(address: Address): string {
  const { settings, step, point, walk, neuron, graph, speed, language, embed } = address;
  const preset = settings.data === "lesson" ? "lesson" : null;
  const usual = usualOf(preset, settings.data);
  const parts: [string, string | number][] = preset === null ? [] : [["preset", preset]];
  const keys = [
    "data",
    "noise",
    "batch",
    "features",
    "layers",
    "activation",
    "loss",
    "optimizer",
    "lr",
    "l2",
    "seed",
  ] as const;
  for (const key of keys) {
    if (key === "data" && preset !== null) continue;
    const [value, other] = [settings[key], usual[key]].map((v) => (Array.isArray(v) ? v.join("-") || "0" : v));
    if (value !== other) parts.push([key, value as string | number]);
  }
  const { start } = settings;
  if (start !== null && start !== usual.start) {
    parts.push(["weights", start.weights.map(shortest).join(",")]);
    if (start.step > 0) parts.push(["from", start.step]);
  }
  if (step > (start?.step ?? 0)) parts.push(["step", step]);
  if (point > 0) parts.push(["point", point]);
  if (walk !== null) parts.push(["walk", walk]);
  if (neuron !== null) parts.push(["neuron", `${neuron.column}-${neuron.row}`]);
  if (graph !== null) parts.push(["graph", graph]);
  if (speed !== opening.speed) parts.push(["speed", speed ?? "all"]);
  if (embed) parts.push(["embed", 1]);
  if (language !== null) parts.push(["lang", language]);
  return parts.map(([key, value]) => `${key}=${value}`).join("&");
}

/** Reads an address. What is missing is as usual; so is what makes no sense, whose names are in `refused`. */
export function parseAddress(hash: string): { readonly address: Address; readonly refused: readonly string[] } {
  const given = new Parameters(hash);
  const read = given.read.bind(given) as Parameters["read"];
  const preset = read<keyof typeof presets | null>("preset", null, (text) => (text === "lesson" ? text : undefined));
  const base = preset === null ? defaults : presets[preset];
  const data = preset === null ? read("data", defaults.data, oneOf(allDatasets)) : base.data;
  const usual = usualOf(preset ?? (data === "lesson" ? "lesson" : null), data);
  const drawn = changed(usual, {
    data,
    noise: read("noise", usual.noise, oneOf(noises)),
    batch: read("batch", usual.batch, oneOf(batchSizes)),
    features: read("features", usual.features, parseFeatures),
    layers: read("layers", usual.layers, parseLayers),
    activation: read("activation", usual.activation, oneOf(activations)),
    loss: read("loss", usual.loss, oneOf(lossesFor(data))),
    optimizer: read("optimizer", usual.optimizer, oneOf(optimizers)),
    lr: read("lr", usual.lr, oneOf(rates)),
    l2: read("l2", usual.l2, oneOf(decays)),
    seed: read("seed", usual.seed, count(limits.seed)),
  });
  const weights = read("weights", null, (text) => parseWeights(text, parameterCount(drawn)));
  const from = read("from", 0, weights === null ? () => undefined : count(limits.steps));
  const start: Start | null = weights === null ? drawn.start : { step: from, weights };
  return {
    address: {
      settings: { ...drawn, start },
      step: Math.max(read("step", 0, count(limits.steps)), start?.step ?? 0),
      point: read("point", 0, count(countOf(data) - 1)),
      walk: read<number | null>("walk", null, count(9999)),
      neuron: read<At | null>("neuron", null, (text) => parseNeuron(text, [drawn.features.length, ...drawn.layers, 1])),
      graph: read<number | null>("graph", null, count(9999)),
      speed: given.speed,
      language: given.language,
      embed: given.embed,
    },
    refused: given.refused,
  };
}

/** What a link leaves out: a preset's settings, else the usual ones with the first loss that fits the data. */
function usualOf(preset: keyof typeof presets | null, data: Settings["data"]): Settings {
  return preset === null ? { ...defaults, loss: lossesFor(data)[0]! } : presets[preset];
}

/** The shortest decimal that is the same float32; without a plus, which an address reads as a space. */
function shortest(v: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(v.toPrecision(digits)));
    if (Math.fround(Number(text)) === Math.fround(v)) return text.replace("+", "");
  }
  return String(Number(v.toPrecision(9))).replace("+", "");
}

/** Each at most once. */
function parseFeatures(text: string): readonly Feature[] | undefined {
  const named = text.split("-").map(oneOf(features));
  const known = named.filter((feature) => feature !== undefined);
  return known.length === named.length && new Set(known).size === known.length ? known : undefined;
}

function parseLayers(text: string): readonly number[] | undefined {
  if (text === "0") return [];
  const sizes = text.split("-").map((size) => (/^\d{1,2}$/.test(size) ? Number(size) : 0));
  const fits = sizes.length <= limits.layers && sizes.every((size) => size >= 1 && size <= limits.neurons);
  return fits ? sizes : undefined;
}

function parseWeights(text: string, count: number): readonly number[] | undefined {
  const weights = text.split(",").map((item) => (/^-?\d/.test(item) ? Math.fround(Number(item)) : Number.NaN));
  return weights.length === count && weights.every(Number.isFinite) ? weights : undefined;
}

function parseNeuron(text: string, sizes: readonly number[]): At | undefined {
  const [, column, row] = /^(\d)-(\d{1,2})$/.exec(text) ?? [];
  const fits = column !== undefined && Number(row) < (sizes[Number(column)] ?? 0);
  return fits ? { column: Number(column), row: Number(row) } : undefined;
}
