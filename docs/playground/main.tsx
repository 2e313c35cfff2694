import { render } from "preact";
import { parseAddress } from "./model/address.ts";
import { App } from "./view/App.tsx";

const { address, refused } = parseAddress(location.hash);
const page = document.querySelector("#page")!;
page.replaceChildren();
render(<App opened={address} refused={refused} />, page);
