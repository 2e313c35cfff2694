import { readFileSync, writeFileSync } from "node:fs";
import { type Application, type DocumentReflection, IndexEvent, ReflectionKind } from "typedoc";

/** What readers look for, and the page that answers it. Names of symbols are not in here: their own pages come first. */
const keywords: Readonly<Record<string, string>> = {
  "forward-pass-and-residuals":
    "residual residuals delta error-term backpropagation backprop forward-pass chain-rule vanishing exploding dead-unit",
  "zh-CN/forward-pass-and-residuals": "_残差_ _误差项_ _正向传播_ _前向传播_ _反向传播_ _梯度消失_",
  "identity-paths": "resnet skip-connection shortcut",
  "getting-started": "install tutorial begin worker cdn",
  "training-well": "overfitting early-stopping validation learning-curve",
  "debugging-nan-and-dead-units": "debugging dead-relu",
  "saving-and-loading": "checkpoint saving loading",
  "check-a-gradient": "gradcheck finite-differences",
  "bug-museum": "mistakes museum",
  "compiling-a-step": "webassembly wasm",
  "coming-from-pytorch": "pytorch torch migrate",
  "coming-from-tensorflowjs": "tensorflow tfjs keras migrate",
  performance: "benchmark speed",
};

/**
 * Lets the search find guides before symbols, and Chinese pages by Chinese words. The index drops letters other than Latin ones at both ends of a word, and
 * the search looks for parts of words: so a run of Chinese text is put in as one word, between two letters that are kept.
 */
export function search(app: Application): void {
  app.renderer.on(IndexEvent.PREPARE_INDEX, (event: IndexEvent) => {
    // A field's matches count for less, the more words it has beside the others' fields; and these are empty but for a few pages.
    event.searchFieldWeights["keywords"] = 20_000;
    event.searchFieldWeights["chinese"] = 20;
    for (const [i, reflection] of event.searchResults.entries()) {
      if (reflection.kind !== ReflectionKind.Document) continue;
      const document = reflection as DocumentReflection;
      const file = document.frontmatter["file"] as string;
      document.relevanceBoost = 4;
      const text = document.content.map((part) => part.text).join("");
      event.searchFields[i] = { keywords: keywords[file] ?? "", chinese: chineseWords(text) };
    }
  });
}

/** All runs of Chinese characters in a text, each between two low lines. */
export function chineseWords(text: string): string {
  return Array.from(text.matchAll(/\p{Script=Han}+/gu), ([run]) => `_${run}_`).join(" ");
}

/**
 * Mends the search library that TypeDoc puts into the site. It tells nodes of its tree of words apart by a text of their edges, without anything between a
 * node's number and the next letter: where letters are digits, two nodes may have one text, and a search then finds words that are in no page, and throws.
 */
export function mendSearch(site: string): void {
  const file = `${site}assets/main.js`;
  const code = readFileSync(file, "utf8");
  const pattern = /(TokenSet\.prototype\.toString=function\(\)\{[^}]*?\b(\w+)=\2\+\w+\+\w+\.id)(\}return)/;
  if (!pattern.test(code)) throw new Error(`${file}: the search library is not the one that this mends`);
  writeFileSync(
    file,
    code.replace(pattern, (_, before: string, __, after: string) => `${before}+","${after}`),
  );
}
