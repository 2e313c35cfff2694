import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { museumFiles, museumPage } from "../museum/page.ts";
import { attentionFiles, attentionPasses } from "./attentionPasses.ts";
import { withCatalogues } from "./catalogues.ts";
import { comparisonPage } from "./comparison.ts";
import { errorAgainstStep } from "./errorAgainstStep.ts";
import { figureFiles, forwardAndBackward } from "./forwardAndBackward.ts";
import { identityPaths, identityPathsPages, withTable } from "./identityPaths.ts";
import { opsAndMethodsPage } from "./opsAndMethods.ts";
import { withWild } from "./wild.ts";

// npm run figure

writeFileSync(fileURLToPath(new URL("../guide/error-against-step.svg", import.meta.url)), errorAgainstStep());
writeFileSync(fileURLToPath(new URL("../guide/what-there-is.md", import.meta.url)), comparisonPage());
writeFileSync(fileURLToPath(new URL("../guide/ops-and-methods.md", import.meta.url)), opsAndMethodsPage());

const paths = identityPaths();
for (const language of ["en", "zh"] as const) {
  writeFileSync(fileURLToPath(new URL(`../guide/${museumFiles[language]}`, import.meta.url)), museumPage(language));
  writeFileSync(
    fileURLToPath(new URL(`../guide/${figureFiles[language]}`, import.meta.url)),
    forwardAndBackward(language),
  );
  writeFileSync(
    fileURLToPath(new URL(`../guide/${attentionFiles[language]}`, import.meta.url)),
    attentionPasses(language),
  );
  const page = fileURLToPath(new URL(`../guide/${identityPathsPages[language]}.md`, import.meta.url));
  writeFileSync(page, withTable(readFileSync(page, "utf8"), paths[language].table));
  writeFileSync(page.replace(/md$/, "svg"), paths[language].figure);
}
for (const file of ["README.md", "README.zh-CN.md"] as const) {
  writeFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), withCatalogues(file));
}
writeFileSync(fileURLToPath(new URL("../../README.md", import.meta.url)), withWild());
