import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { figureFiles, forwardAndBackward } from "../../docs/figures/forwardAndBackward.ts";
import { parseAddress } from "../../docs/playground/model/address.ts";
import { observe } from "../../docs/playground/model/observe.ts";
import { Trainer } from "../../docs/playground/model/trainer.ts";
import { inFour } from "../../docs/playground/view/numbers.ts";
import { root } from "../docs/extract.ts";

// The lesson works out by hand what the playground shows at #preset=lesson.

const { short } = inFour;
const { layers, loss, x, target } = observe(new Trainer(parseAddress("preset=lesson").address.settings), 0);

test.each(["", "zh-CN/"])("the playground's preset is the network of the lesson, digit for digit: %s", (folder) => {
  const page = readFileSync(join(root, `docs/guide/${folder}forward-pass-and-residuals.md`), "utf8");
  const tables = page
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(2, -1));
  const cell = (row: RegExp): string[] =>
    tables.find((_, i) => row.test(page.split("\n").filter((line) => line.startsWith("|"))[i]!))!;
  const last = (text: string): string => text.split(/[=;]/).at(-1)!.trim();
  const [hidden, output] = layers as [(typeof layers)[0], (typeof layers)[0]];

  expect(cell(/^\| (weights|权重)/).map((text) => text.split(/[,;]/).map((v) => v.trim()))).toEqual([
    ...hidden.weight.map((row, j) => [...row, hidden.bias[j]!].map(short)),
    [...output.weight[0]!, output.bias[0]!].map(short),
  ]);
  expect(cell(/^\| \$z\$/).map(last)).toEqual([...hidden.z, ...output.z].map(short));
  expect(cell(/^\| \$a\$/).map(last)).toEqual([...hidden.a, ...output.a].map(short));
  expect(cell(/partial L \/ \\partial a/).map(last)).toEqual(hidden.arriving.map(short));
  expect(cell(/partial a \/ \\partial z/).map(last)).toEqual(hidden.slope.map(short));
  expect(cell(/delta_1 = /).map(last)).toEqual(hidden.residual.map(short));
  expect(page).toContain(`= ${short(output.residual[0]!).replace("−", "-")}$$`);
  expect(page).toContain(`^2 = ${short(loss)}$`);
  expect([x, target]).toEqual([[1, 2], 1]);
});

test.each(["en", "zh"] as const)("the figure is what its code draws now: %s", (language) => {
  expect(readFileSync(join(root, "docs/guide", figureFiles[language]), "utf8")).toBe(forwardAndBackward(language));
});
