import { Adam, BatchNorm1d, type Layer, Linear, manualSeed, mse, randn, Sequential } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { type FitOptions, fit } from "tinygrad-ts/train";
import { group, print } from "./group.ts";

// Steps that ranks do not record at the same time: a last batch that one knows the size of already, another not.

async function attempt(name: string, layers: () => Layer, options: Partial<FitOptions>, rows = 7): Promise<void> {
  manualSeed(1);
  const model = layers();
  const data = { x: randn([rows, 5]), y: randn([rows, 1]) };
  const train = async (more: Partial<FitOptions>): Promise<string> => {
    try {
      const optimizer = new Adam(model.parameters());
      const { losses } = await fit(model, data, { loss: mse, optimizer, batchSize: 3, epochs: 2, ...options, ...more });
      return `${losses.length} steps`;
    } catch (error) {
      return String(error);
    }
  };
  print({ name, ended: await train({ group }) });
  group.barrier();
}

const linear = (): Layer => new Linear(5, 1);
await attempt("clipped", linear, { compile, clipNorm: 0.5 });
await attempt("plain", linear, { compile });
await attempt("residuals", linear, { compile, clipNorm: 0.5, residuals: true });
const normalized = (): Layer => new Sequential(new Linear(5, 4), new BatchNorm1d(4), new Linear(4, 1));
await attempt("statistics of all", normalized, { compile, syncBatchNorm: true, batchSize: 8, clipNorm: 1 }, 23);
