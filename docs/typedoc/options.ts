import { OptionDefaults, type TypeDocOptions } from "typedoc";
import { categoryOrder, guides } from "./categories.ts";
import { markdown } from "./markdown.ts";
import { readMethods } from "./methods.ts";

/** How TypeDoc makes the reference. */
export const options: Partial<TypeDocOptions> = {
  name: "tinygrad-ts",
  entryPoints: [
    "src/index.ts",
    "src/train/index.ts",
    "src/reporters/index.ts",
    "src/safetensors/index.ts",
    "src/model/index.ts",
    "src/node/index.ts",
    "src/gradcheck/index.ts",
    "src/fastCheck/index.ts",
    "src/vitest.ts",
    "src/jest.ts",
    "src/compile/index.ts",
    "src/debug/index.ts",
  ],
  tsconfig: "tsconfig.json",
  out: "docs/site",
  favicon: "docs/typedoc/favicon.svg",
  customCss: "docs/typedoc/site.css",
  projectDocuments: Object.values(guides).flat(),
  displayBasePath: ".",
  disableGit: true,
  sourceLinkTemplate: "../source/{path}.html#L{line}",
  excludeInternal: true,
  excludePrivate: true,
  highlightLanguages: [...OptionDefaults.highlightLanguages, "python"],
  blockTags: [...OptionDefaults.blockTags, "@derivativeRule", "@specialPoints", "@dtypes", "@compiles"],
  categorizeByGroup: false,
  categoryOrder: [...categoryOrder],
  groupOrder: [
    "*",
    "Constructors",
    "Properties",
    "Accessors",
    "Methods",
    ...new Set(readMethods(".").map(({ section }) => section)),
  ],
  sort: ["kind", "instance-first", "alphabetical-ignoring-documents"],
  sortEntryPoints: false,
  navigation: { includeCategories: true, includeGroups: false, includeFolders: false, excludeReferences: true },
  navigationLinks: { Playground: "playground/index.html" },
  headings: { readme: false, document: false },
  searchInComments: true,
  searchInDocuments: true,
  markdownItLoader: markdown,
  validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: true },
};
