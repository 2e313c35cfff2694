import { rightOutcomes, rightTable, wrongOutcomes, wrongTable } from "./tables.ts";

// npm run catalogues: the tables of docs/guide/how-gradient-checking-works.md.

console.log(wrongTable(await wrongOutcomes()));
console.log();
console.log(rightTable(await rightOutcomes()));
