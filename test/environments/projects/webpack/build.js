import { copyFileSync } from "node:fs";
import webpack from "webpack";

const folder = import.meta.dirname;
webpack(
  { mode: "production", context: folder, entry: "./main.js", output: { path: `${folder}/dist`, filename: "main.js" } },
  (error, stats) => {
    if (error !== null) throw error;
    if (stats.hasErrors()) throw new Error(stats.toString());
    copyFileSync(`${folder}/index.html`, `${folder}/dist/index.html`);
  },
);
