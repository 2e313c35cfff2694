import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { launchOptions } from "../../test/browser/chromium.ts";
import { forwardAndBackward } from "../figures/forwardAndBackward.ts";

// npx tsx docs/typedoc/drawPreview.ts: the picture that previews of links to the site show, the lesson's figure, into docs/typedoc/preview.png.

const page = `<!doctype html><style>
  body { margin: 0; width: 1200px; height: 630px; background: #fff; color: #1d2430; font-family: system-ui, sans-serif; display: flex; flex-direction: column; justify-content: center; gap: 24px }
  p { margin: 0 50px; font-size: 32px } b { font-size: 52px; display: block } svg { display: block; width: 1100px; margin: 0 auto; height: auto }
</style><p><b>tinygrad-ts</b>Automatic differentiation and neural networks in TypeScript</p>${forwardAndBackward("en")}`;
const browser = await chromium.launch(launchOptions());
const tab = await browser.newPage({ viewport: { width: 1200, height: 630 } });
await tab.setContent(page);
await tab.screenshot({ path: fileURLToPath(new URL("preview.png", import.meta.url)) });
await browser.close();
