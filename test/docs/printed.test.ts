import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { attentionFiles, attentionPasses } from "../../docs/figures/attentionPasses.ts";
import { errorAgainstStep } from "../../docs/figures/errorAgainstStep.ts";
import { identityPaths, identityPathsPages, withTable } from "../../docs/figures/identityPaths.ts";
import { checkGradient } from "../../src/gradcheck/index.ts";
import { examples, root } from "./extract.ts";

// What pages show as printed is what the code prints.

const page = (name: string): string => readFileSync(join(root, "docs/guide", name), "utf8");

test.each(["", "zh-CN/"])("the report in its guide is the report of the example above it: %s", (folder) => {
  const { code } = examples().find(({ at }) => at.startsWith(`docs/guide/${folder}reading-a-report.md`))!;
  const script = ts.transpileModule(code.replace(/^import .*$/m, ""), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  }).outputText;
  const printed: unknown[] = [];
  new Function("checkGradient", "console", script)(checkGradient, { log: (line: unknown) => printed.push(line) });
  expect(page(`${folder}reading-a-report.md`)).toContain(
    `<!-- report -->\n\`\`\`text\n${printed.join("\n")}\n\`\`\`\n<!-- /report -->`,
  );
});

test("the curve in the guide is the one that npm run figure draws", () => {
  expect(page("error-against-step.svg")).toBe(errorAgainstStep());
});

test.each(["en", "zh"] as const)("the figure of attention is what its code draws now: %s", (language) => {
  expect(page(attentionFiles[language])).toBe(attentionPasses(language));
});

test("the norms of residuals in the guides are those that npm run figure measures and draws", () => {
  const measured = identityPaths();
  for (const language of ["en", "zh"] as const) {
    const [name, { figure, table }] = [identityPathsPages[language], measured[language]];
    expect(page(`${name}.svg`)).toBe(figure);
    expect(withTable(page(`${name}.md`), table)).toBe(page(`${name}.md`));
    expect(page(`${name}.md`)).toContain(table);
  }
});
