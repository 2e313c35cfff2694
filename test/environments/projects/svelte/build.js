import { readFileSync, writeFileSync } from "node:fs";
import { compileModule } from "svelte/compiler";

// What Svelte's plugins for bundlers do with a module that uses runes.
const file = "state.svelte.js";
const { js } = compileModule(readFileSync(file, "utf8"), { filename: file, generate: "client" });
writeFileSync("programs/svelte.js", js.code);
