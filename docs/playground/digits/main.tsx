import { render } from "preact";
import { partOf } from "../model/parameters.ts";
import { parseAddress } from "./model/address.ts";
import { DigitsApp } from "./view/DigitsApp.tsx";

const page = document.querySelector("#page")!;
page.replaceChildren();

/** Shows what the address says, anew: its key makes of each address another page. */
function open(key: number): void {
  const { address, refused } = parseAddress(partOf(location));
  render(<DigitsApp key={key} opened={address} refused={refused} />, page);
}

open(0);
// A link that was followed within the page, or the browser's history. The page itself writes its address without this event.
let opened = 0;
addEventListener("hashchange", () => open(++opened));
