import { type Case, plain, type Suite } from "../case.ts";

/** Away from the kinks of what is piecewise linear. */
const points = [-1.3, 0.7];

/** neataptic's activation functions, which return their derivative when asked for it. */
export const neataptic: Suite = {
  name: "neataptic",
  async cases() {
    const { default: library } = (await import("neataptic")) as unknown as {
      readonly default: {
        readonly methods: { readonly activation: Record<string, (x: number, derivate?: boolean) => number> };
      };
    };
    return Object.entries(library.methods.activation).flatMap(([name, f]) =>
      points.map(
        (at): Case =>
          plain(
            `${name} at ${at}`,
            (x: number) => f(x),
            (x) => f(x, true),
            at,
          ),
      ),
    );
  },
};

/** synaptic's squashing functions, in the same way. */
export const synaptic: Suite = {
  name: "synaptic",
  async cases() {
    const library = (await import("synaptic")) as unknown as {
      readonly Neuron: {
        readonly squash: Record<string, (x: number, derivate?: boolean) => number>;
      };
    };
    return Object.entries(library.Neuron.squash).flatMap(([name, f]) =>
      points.map(
        (at): Case =>
          plain(
            `${name} at ${at}`,
            (x: number) => f(x),
            (x) => f(x, true),
            at,
          ),
      ),
    );
  },
};
