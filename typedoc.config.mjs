import katex from "@vscode/markdown-it-katex";
import { OptionDefaults } from "typedoc";

/** In guides, `playground:layers=2&walk=0` leads to the playground in that state. */
function playgroundLinks(parser) {
  parser.core.ruler.push("playground", ({ tokens }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const [, state] = /^playground:(.*)$/.exec(token.attrGet("href") ?? "") ?? [];
      if (state !== undefined) token.attrSet("href", `../playground/index.html${state === "" ? "" : `#${state}`}`);
    }
  });
}

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "tinygrad-ts",
  entryPoints: [
    "src/index.ts",
    "src/compile/index.ts",
    "src/gradcheck/index.ts",
    "src/fastCheck/index.ts",
    "src/safetensors/index.ts",
    "src/node/index.ts",
    "src/debug/index.ts",
    "src/reporters/index.ts",
    "src/train/index.ts",
    "src/vitest.ts",
    "src/jest.ts",
  ],
  tsconfig: "tsconfig.json",
  out: "docs/site",
  projectDocuments: ["docs/guide/*.md", "docs/guide/zh-CN/*.md", "docs/architecture.md"],
  // Links to the sources would need a git remote: without one that TypeDoc knows it warns, which fails the build.
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  highlightLanguages: [...OptionDefaults.highlightLanguages, "python"],
  // A dead link or an undocumented export fails the build.
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: true },
  // $…$ and $$…$$ become MathML, which needs neither style sheets nor fonts.
  markdownItLoader: (parser) => {
    parser.use(katex.default ?? katex, { output: "mathml", throwOnError: true });
    parser.use(playgroundLinks);
  },
};
