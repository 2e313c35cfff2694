import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What stands in the head of each page for those who are sent a link to it: its description, and a picture. */
export const previewImage = "preview.png";

/**
 * Gives each page of the site a description of its own, which search engines and previews of links show, and a picture. Such programs want the picture's whole address:
 * where the site is to stand, `SITE_URL=https://… npm run docs` says so; else the address is relative.
 */
export function writePreviews(root: string, site: string, address = process.env["SITE_URL"] ?? ""): void {
  copyFileSync(join(root, "docs/typedoc", previewImage), join(site, "assets", previewImage));
  for (const path of readdirSync(site, { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".html") || path.startsWith("source")) continue;
    const file = join(site, path);
    const page = path.replaceAll("\\", "/");
    const above = address === "" ? "../".repeat(page.split("/").length - 1) : `${address.replace(/\/$/, "")}/`;
    writeFileSync(file, withPreview(readFileSync(file, "utf8"), `${above}assets/${previewImage}`));
  }
}

/** A page with what previews read in its head. */
export function withPreview(html: string, image: string): string {
  const generic = /<meta name="description" content="(?:Documentation for [^"]*)?"\/?>/;
  const own = /<meta name="description" content="([^"]*)"/.exec(html)?.[1];
  const description = generic.test(html) ? firstParagraph(html) : own;
  const title = /<title>([^<]*)<\/title>/.exec(html)?.[1] ?? "tinygrad-ts";
  const meta = [
    ...(description === undefined ? [] : [`<meta name="description" content="${description}"/>`]),
    `<meta property="og:title" content="${title.replaceAll('"', "&quot;")}"/>`,
    ...(description === undefined ? [] : [`<meta property="og:description" content="${description}"/>`]),
    `<meta property="og:image" content="${image}"/>`,
    '<meta property="og:type" content="website"/>',
    '<meta name="twitter:card" content="summary_large_image"/>',
  ].join("\n");
  return html
    .replace(generic, "")
    .replace(/<meta name="description"[^>]*>\n?/, "")
    .replace("</title>", `</title>\n${meta}`);
}

/** Most letters of a description: as many as are shown. */
const most = 200;

/** The text of a page's first paragraph that says something, without its tags; undefined if it has none. */
function firstParagraph(html: string): string | undefined {
  const content = html.slice(html.indexOf('class="col-content"'));
  for (const [, inside] of content.matchAll(/<p>([\s\S]*?)<\/p>/g)) {
    const text = inside!
      .replaceAll(/<math[\s\S]*?<\/math>/g, "…")
      .replaceAll(/<[^>]*>/g, "")
      .replaceAll(/\s+/g, " ")
      .replaceAll('"', "&quot;")
      .trim();
    if (text.length < 20 && !/\p{Script=Han}{8}/u.test(text)) continue;
    return text.length <= most
      ? text
      : `${text
          .slice(0, most)
          .replace(/[^ 。，,.]*$/, "")
          .trim()}…`;
  }
  return undefined;
}
