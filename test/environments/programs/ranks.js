import { Adam, crossEntropy, manualSeed, mlp, randint, randn } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { mpi } from "tinygrad-ts/mpi";
import { fit } from "tinygrad-ts/train";

// A training that the processes which mpirun has started share, in steps that are compiled: in memory that grows, too. The first says what came out.

export async function ranks() {
  const group = await mpi();
  const train = async (more) => {
    manualSeed(1);
    const model = mlp([20, 64, 3]);
    const data = { x: randn([60, 20]), y: randint(0, 3, [60]) };
    const optimizer = new Adam(model.parameters(), { lr: 0.01 });
    await fit(model, data, { loss: crossEntropy, optimizer, epochs: 3, batchSize: 25, compile, ...more });
    return model.parameters().flatMap((p) => [...p.data]);
  };
  const [alone, together] = [await train({}), await train({ group })];
  const near = together.every((value, i) => Math.abs(value - alone[i]) < 1e-3);
  const same = group.gather(Float32Array.from(together)).every((value, i) => value === together[i % together.length]);
  return group.rank === 0 ? { size: group.size, near, same } : undefined;
}
