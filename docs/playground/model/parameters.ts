import { isLanguage, type Language } from "../labels.ts";
import { type Speed, speeds, usualSpeed } from "./pace.ts";

type Parse<T> = (text: string) => T | undefined;

/** Reads the part of a page's address behind `#`. What is missing is as usual; so is what makes no sense, whose names are in `refused`. */
export class Parameters {
  readonly refused: string[] = [];
  readonly #given: URLSearchParams;

  constructor(hash: string) {
    this.#given = new URLSearchParams(hash.replace(/^#/, ""));
  }

  /** @param parse - gives undefined for what makes no sense. */
  read<T>(key: string, otherwise: T, parse: Parse<T>): T {
    const text = this.#given.get(key);
    if (text === null) return otherwise;
    const value = parse(text);
    if (value === undefined) this.refused.push(key);
    return value === undefined ? otherwise : value;
  }

  get speed(): Speed {
    return this.read<Speed>("speed", usualSpeed, (text) => speeds.find((speed) => String(speed ?? "all") === text));
  }

  /** Whether little is shown beside the network, for a frame in another page. */
  get embed(): boolean {
    return this.read("embed", false, (text) => (text === "1" ? true : undefined));
  }

  get language(): Language | null {
    return this.read<Language | null>("lang", null, (text) => (isLanguage(text) ? text : undefined));
  }
}

/** The part of a page's address that it reads: what stands behind `#`, and `embed` behind `?` as well. */
export function partOf({ hash, search }: { readonly hash: string; readonly search: string }): string {
  const isEmbedded = new URLSearchParams(search).has("embed") && !new URLSearchParams(hash.slice(1)).has("embed");
  return isEmbedded ? `${hash === "" ? "#" : `${hash}&`}embed=1` : hash;
}

/** Whole numbers from 0. */
export function count(most: number): Parse<number> {
  return (text) => (/^\d{1,9}$/.test(text) && Number(text) <= most ? Number(text) : undefined);
}

export function oneOf<T extends string | number>(list: readonly T[]): Parse<T> {
  return (text) => list.find((item) => String(item) === text);
}
