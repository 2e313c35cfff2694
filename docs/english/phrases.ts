import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// Phrases that are not plain technical English, and what to write instead. They stand nowhere in the guides, the TSDoc, the texts of errors, the playgrounds' labels and the
// changesets:
// test/docs/english.test.ts looks for them, and `npm run english -- --write` replaces those that can be replaced word by word.

/** The repository. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

interface Phrase {
  readonly pattern: RegExp;
  /** What to write instead, for people. */
  readonly instead: string;
  /** What it is replaced with word by word; missing where the sentence must be rewritten. */
  readonly by?: string | ((...groups: string[]) => string);
}

const article = (word: string): string => `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;

export const phrases: readonly Phrase[] = [
  {
    pattern: /\bderivatives? by (?:it|its|the|each|x)\b/,
    instead: "derivative with respect to",
  },
  { pattern: /\bdifferentiat\w* by\b/, instead: "differentiate with respect to" },
  { pattern: /\ban option that there is not\b/, instead: "an unknown option", by: "an unknown option" },
  {
    pattern: /\b(?:options?|settings?|names?|values?|programs?|layers?) that there (?:is|are)\b/,
    instead: "an unknown option; all known options",
  },
  { pattern: /(?:^|[.:;*/] )Who(?:ever)? (?!\w+ (?:\w+ )*\?)/, instead: "if you …; a caller that …" },
  { pattern: /\bamid\b/, instead: "during, within", by: "within" },
  { pattern: /\banew\b/, instead: "again", by: "again" },
  { pattern: /\bone's own\b/, instead: "your own", by: "your own" },
  { pattern: /\bin silence\b/, instead: "silently", by: "silently" },
  { pattern: /\bcomes? of (?:it|them)\b/, instead: "what the result is" },
  { pattern: /\b[Ff]or those who\b/, instead: "if you …" },
  {
    pattern:
      /(?<!\bthere )\bis no (tensor|function|layer|number|model|array|matrix|vector|scalar|count|record|list|object|byte|window|image|shape|group)\b/,
    instead: "is not a tensor",
    by: (_, word) => `is not ${article(word!)}`,
  },
  {
    pattern: /(?<!\bthere )\bare no (numbers|counts|whole numbers|tensors|layers|arrays)\b/,
    instead: "are not numbers",
    by: "are not $1",
  },
  // "so that" is for a purpose, without a comma. For what follows, "so" is enough.
  { pattern: /, so that\b/, instead: "so", by: ", so" },
  { pattern: /\bfor what is not?\b/, instead: "for anything that is not", by: "for anything that is not" },
  { pattern: /\bto the bit\b/, instead: "bit for bit", by: "bit for bit" },
  { pattern: /\bdrawn evenly\b/, instead: "drawn uniformly", by: "drawn uniformly" },
  { pattern: /\bwithout a word\b/, instead: "silently", by: "silently" },
  { pattern: /\bWhat (\{@link [\w.]+\}) gives\b/, instead: "The result of", by: "The result of $1" },
  {
    pattern:
      /\b([Aa]|[Ww]hole|[Aa]nother) training(s?)\b(?! (?:step|set|data|loop|run|loss|curve|example|sample|point|program|batch))/,
    instead: "a training run",
    by: "$1 training run$2",
  },
  { pattern: /\bis run by the project's tests\b/, instead: "the project's tests run" },
  { pattern: /\bexact, or refused\b/, instead: "exact, or an error", by: "exact, or an error" },
];

/** The files that are looked at, from the root. */
export function files(): string[] {
  const inside = (folder: string, extension: string): string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
      .filter((file) => file.endsWith(extension) && !file.includes("zh-CN"));
  const pages = ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/landing.md"];
  const labels = ["", "digits/", "figures/"].map((folder) => `docs/playground/${folder}labels.ts`);
  return [...pages, ...labels, ...inside(".changeset", ".md"), ...inside("docs/guide", ".md"), ...inside("src", ".ts")];
}

/** Where a phrase stands. */
export interface Found {
  readonly phrase: Phrase;
  /** `path:line: text`. */
  readonly at: string;
}

export function find(): Found[] {
  return files().flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .flatMap((line, i) =>
        phrases
          .filter(({ pattern }) => pattern.test(line))
          .map((phrase) => ({ phrase, at: `${file}:${i + 1}: ${line.trim()}` })),
      ),
  );
}
