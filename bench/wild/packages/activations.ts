import { type Case, plain, type Suite } from "../case.ts";

/** Away from the kinks of what is piecewise linear. */
const points = [-1.3, 0.7];

/** Functions that return their derivative when asked for it. */
type Activations = Readonly<Record<string, (x: number, derivate?: boolean) => number>>;

/** neataptic's activation functions. */
export const neataptic: Suite = {
  name: "neataptic",
  async cases() {
    const { default: library } = (await import("neataptic")) as unknown as {
      readonly default: {
        readonly methods: { readonly activation: Activations };
      };
    };
    return casesOf(library.methods.activation);
  },
};

/** synaptic's squashing functions. */
export const synaptic: Suite = {
  name: "synaptic",
  async cases() {
    const library = (await import("synaptic")) as unknown as {
      readonly Neuron: {
        readonly squash: Activations;
      };
    };
    return casesOf(library.Neuron.squash);
  },
};

function casesOf(functions: Activations): Case[] {
  return Object.entries(functions).flatMap(([name, f]) =>
    points.map((at) =>
      plain(
        `${name} at ${at}`,
        (x: number) => f(x),
        (x) => f(x, true),
        at,
      ),
    ),
  );
}
