import { Adam, Generator, manualSeed, mlp, mse, randn } from "../src/index.ts";
import { compile } from "../src/compile/index.ts";

for (const layers of (process.argv[2] ?? "1,4,16,60").split(",").map(Number)) {
  manualSeed(1);
  const model = mlp(Array(layers + 1).fill(64) as number[]);
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  const [x, y] = [randn([32, 64]), randn([32, 64])];
  const eager = () => {
    optimizer.zeroGrad();
    const loss = mse(model.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
  const s0 = performance.now();
  const step = compile(eager);
  const start = performance.now();
  step();
  const first = performance.now() - start;
  const t = performance.now();
  for (let i = 0; i < 20; i++) step();
  const each = (performance.now() - t) / 20;
  const { stats } = step.programs[0]!;
  console.log(layers, "first", first.toFixed(1), "step", each.toFixed(3), JSON.stringify(stats));
  if (process.argv[3]) console.log(step.programs[0]!.toString());
}
