import type { Language } from "../../labels.ts";
import { type Speed, usualSpeed } from "../../model/pace.ts";
import { count, oneOf, Parameters } from "../../model/parameters.ts";
import { batchSizes, type DigitSettings, defaults, optimizers, rates } from "./settings.ts";
import { formatStrokes, parseStrokes, type Stroke } from "./strokes.ts";
import { mostSteps } from "./trainer.ts";

/** Pictures that are held out, to choose from. */
export const exampleCount = 359;

/** What the network looks at: one of the pictures that are held out, or a drawing. */
export type Subject = { readonly example: number } | { readonly strokes: readonly Stroke[] };

/** What a link to the page holds: all that is seen. */
export interface DigitAddress {
  readonly settings: DigitSettings;
  /** How many steps were trained. */
  readonly step: number;
  readonly subject: Subject;
  /** The digit that it is to be; null for the one that an example shows, and for none of a drawing. */
  readonly target: number | null;
  readonly speed: Speed;
  readonly language: Language | null;
  /** Whether only the drawing, the layers and the answer are shown, for a frame in another page. */
  readonly embed: boolean;
}

/** What the page opens with, without a link. */
export const opening: DigitAddress = {
  settings: defaults,
  step: 0,
  subject: { example: 0 },
  target: null,
  speed: usualSpeed,
  language: null,
  embed: false,
};

/** The page's state as the part of its address behind `#`; what is as usual is left out. */
export function formatAddress({ settings, step, subject, target, speed, language, embed }: DigitAddress): string {
  const parts: [string, string | number][] = [];
  for (const key of ["optimizer", "lr", "batch"] as const) {
    if (settings[key] !== defaults[key]) parts.push([key, settings[key]]);
  }
  if (step > 0) parts.push(["step", step]);
  if ("strokes" in subject) parts.push(["draw", formatStrokes(subject.strokes)]);
  else if (subject.example > 0) parts.push(["example", subject.example]);
  if (target !== null) parts.push(["target", target]);
  if (speed !== opening.speed) parts.push(["speed", speed ?? "all"]);
  if (embed) parts.push(["embed", 1]);
  if (language !== null) parts.push(["lang", language]);
  return parts.map(([key, value]) => `${key}=${value}`).join("&");
}

/** Reads an address. What is missing is as usual; so is what makes no sense, whose names are in `refused`. */
export function parseAddress(hash: string): { readonly address: DigitAddress; readonly refused: readonly string[] } {
  const given = new Parameters(hash);
  const read = given.read.bind(given) as Parameters["read"];
  const example = read("example", 0, count(exampleCount - 1));
  const strokes = read<readonly Stroke[] | null>("draw", null, (text) => (text === "" ? [] : parseStrokes(text)));
  return {
    address: {
      settings: {
        optimizer: read("optimizer", defaults.optimizer, oneOf(optimizers)),
        lr: read("lr", defaults.lr, oneOf(rates)),
        batch: read("batch", defaults.batch, oneOf(batchSizes)),
      },
      step: read("step", 0, count(mostSteps)),
      subject: strokes === null ? { example } : { strokes },
      target: read<number | null>("target", null, count(9)),
      speed: given.speed,
      language: given.language,
      embed: given.embed,
    },
    refused: given.refused,
  };
}
