import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application } from "typedoc";
import { buildPlaygrounds } from "./playground/build.ts";
import { makeStills, stillStyle } from "./playground/stills.ts";
import { access, mendNavigation } from "./typedoc/access.ts";
import { categories } from "./typedoc/categories.ts";
import { methods } from "./typedoc/methods.ts";
import { opSections } from "./typedoc/ops/sections.ts";
import { options } from "./typedoc/options.ts";
import { pages } from "./typedoc/pages.ts";
import { writePreviews } from "./typedoc/previews.ts";
import { mendSearch, search } from "./typedoc/search.ts";
import { shapes } from "./typedoc/shapes.ts";
import { sources, writeSources } from "./typedoc/sources.ts";

// npm run docs: the site, in docs/site. It opens from disk, and from any static host. A warning fails the build.

const root = fileURLToPath(new URL("../", import.meta.url));
const site = fileURLToPath(new URL("site/", import.meta.url));

const app = await Application.bootstrapWithPlugins(options);
sources(app, root);
categories(app, root);
methods(app, root);
shapes(app);
await opSections(app, root);
const stills = await makeStills();
pages(app, stills);
access(app);
search(app);

const project = await app.convert();
if (project !== undefined) app.validate(project);
if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
else {
  await app.generateOutputs(project);
  mendSearch(site);
  mendNavigation(site);
  await Promise.all([buildPlaygrounds(site), writeSources(root, site)]);
  writeFileSync(join(site, "assets", stillStyle), stills.style);
  writePreviews(root, site);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
}
