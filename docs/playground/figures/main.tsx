import { render } from "preact";
import { isLanguage } from "../labels.ts";
import { useTheme } from "../view/theme.ts";
import { componentOf } from "./components.ts";
import { figureLabelsOf } from "./labels.ts";
import { figures } from "./model.ts";

/** A figure for a frame in a guide: `#show=neuron&lang=zh`. */
function Page() {
  useTheme();
  const given = new URLSearchParams(location.hash.slice(1));
  const language = given.get("lang") ?? "";
  const labels = figureLabelsOf[isLanguage(language) ? language : "en"];
  const name = figures.find((each) => each === given.get("show")) ?? "neuron";
  const Figure = componentOf[name];
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = `${labels.names[name]} · tinygrad-ts`;
  return (
    <main class="page">
      <h1>{labels.names[name]}</h1>
      <Figure labels={labels} />
    </main>
  );
}

const page = document.querySelector("#page")!;
page.replaceChildren();
render(<Page />, page);
addEventListener("hashchange", () => location.reload());
