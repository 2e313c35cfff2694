import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { buildPlayground } from "./playground/build.ts";

// npm run docs: the site, in docs/site. It opens from disk, and from any static host.

const site = fileURLToPath(new URL("site/", import.meta.url));
const typedoc = spawnSync("typedoc", { stdio: "inherit" });
process.exitCode = typedoc.status ?? 1;
if (process.exitCode === 0) await buildPlayground(`${site}playground`);
