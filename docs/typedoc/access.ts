import { readFileSync, writeFileSync } from "node:fs";
import { type Application, PageEvent } from "typedoc";

// What keeps somebody out of TypeDoc's pages, and is mended here: no landmark around what a page is about, two navigations without names, and links within the heads of
// sections that fold, which are buttons already.

/** Mends the pages. */
export function access(app: Application): void {
  app.renderer.on(PageEvent.END, (page: PageEvent) => {
    page.contents = accessible(page.contents!, page.url.includes("zh-CN"));
  });
}

/** A page with a landmark around its content, with names for its navigations, and without links in heads that fold. */
export function accessible(html: string, isChinese: boolean): string {
  return html
    .replace('<div class="col-content">', '<div class="col-content" role="main">')
    .replace(
      '<nav id="tsd-sidebar-links"',
      `<nav id="tsd-sidebar-links" aria-label="${isChinese ? "演练场" : "Playgrounds"}"`,
    )
    .replaceAll(/<summary[\s\S]*?<\/summary>/g, (head) =>
      head.replaceAll(/<a [^>]*class="tsd-anchor-icon"[\s\S]*?<\/a>/g, ""),
    );
}

/** Mends the script that writes the navigation: the page of an entry that folds is the first one in it, and no link in its head. */
export function mendNavigation(site: string): void {
  const file = `${site}assets/main.js`;
  const code = readFileSync(file, "utf8");
  const pattern =
    /\b(\w+)\((\w+),(\w+)\);(let (\w+)=\w+\.appendChild\(document\.createElement\("div"\)\);\5\.className="tsd-accordion-details";let (\w+)=\5\.appendChild\(document\.createElement\("ul"\)\);\6\.className="tsd-nested-navigation";)/;
  if (!pattern.test(code)) throw new Error(`${file}: the navigation is not the one that this mends`);
  writeFileSync(
    file,
    code.replace(
      pattern,
      (_, link: string, entry: string, head: string, list: string, __, inside: string) =>
        `${link}({...${entry},path:void 0},${head});${list}${entry}.path&&${link}({...${entry},text:"Overview"},${inside}.appendChild(document.createElement("li")),${entry}.class);`,
    ),
  );
}
