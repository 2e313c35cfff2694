import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rightOutcomes, rightTable, wrongOutcomes, wrongTable } from "./tables.ts";

// npm run catalogues: prints the tables of docs/guide/how-gradient-checking-works.md; with -- --write, puts them there.

const tables = { wrong: wrongTable(await wrongOutcomes()), right: rightTable(await rightOutcomes()) };
console.log(`${tables.wrong}\n\n${tables.right}`);
if (process.argv.includes("--write")) {
  const page = fileURLToPath(new URL("../../docs/guide/how-gradient-checking-works.md", import.meta.url));
  let text = readFileSync(page, "utf8");
  for (const [name, table] of Object.entries(tables)) {
    const between = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
    text = text.replace(between, (_, head, tail) => `${head}${table}\n\n${tail}`);
  }
  writeFileSync(page, text);
}
