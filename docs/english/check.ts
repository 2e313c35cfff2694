import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { files, find, phrases, root } from "./phrases.ts";

// npm run english: prints phrases to avoid, where they stand, and what to write instead. `-- --write` replaces those that can be replaced word by word.

if (process.argv.includes("--write")) {
  for (const file of files()) {
    const text = readFileSync(join(root, file), "utf8");
    const better = phrases.reduce((before, { pattern, by }) => {
      const all = new RegExp(pattern, "g");
      return by === undefined ? before : before.replace(all, by as string);
    }, text);
    if (better !== text) writeFileSync(join(root, file), better);
  }
}
const found = find();
for (const { phrase, at } of found) console.log(`${at}\n  write instead: ${phrase.instead}`);
if (found.length > 0) process.exitCode = 1;
