import { componentOf } from "../figures/components.ts";
import { figureLabelsOf } from "../figures/labels.ts";
import { figures } from "../figures/model.ts";
import { type Language, labelsOf } from "../labels.ts";
import { parseAddress } from "../model/address.ts";
import { observe } from "../model/observe.ts";
import { survey } from "../model/survey.ts";
import { Trainer } from "../model/trainer.ts";
import { NetworkView } from "../view/NetworkView.tsx";
import { inFour, inShort } from "../view/numbers.ts";
import { context } from "./hooks.ts";
import { markupOf } from "./markup.ts";

// What stands in a guide for a figure that moves, where there are no scripts, and on paper. Built with `hooks.ts` for `preact/hooks`.

/** A small figure as it is at first, as HTML. */
export function stillOfFigure(name: string, language: Language): string {
  const Figure = componentOf[figures.find((each) => each === name)!];
  return markupOf(<Figure labels={figureLabelsOf[language]} />);
}

/** The network of a playground's address, with the activations and residuals of the point, as HTML. */
export function stillOfPlayground(hash: string, language: Language): string {
  const { settings, point } = parseAddress(hash).address;
  const trainer = new Trainer(settings);
  context.numbers = settings.data === "lesson" ? inFour : inShort;
  const nothing = (): undefined => undefined;
  return markupOf(
    <NetworkView
      labels={{ ...labelsOf[language], networkLabel: (layers) => layers }}
      settings={settings}
      numbers={{ observation: observe(trainer, point), survey: survey(trainer) }}
      maps={null}
      stage={null}
      known={null}
      looked={null}
      isDark={false}
      look={nothing}
      hover={nothing}
    >
      {null}
    </NetworkView>,
  );
}
