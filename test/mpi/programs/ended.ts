import { group, print, refusal } from "./group.ts";

// Rank 1 ends before the others are done, in the way that argv says; they say what they are told.

const { rank } = group;
group.barrier();
if (rank === 1 && process.argv[2] === "throws") throw new Error("a bad row");
if (rank === 1) process.exit(0);
const begin = Date.now();
print({ error: refusal(() => group.barrier()), again: refusal(() => group.allReduce(new Float32Array(1))) });
print({ isSoon: Date.now() - begin < 60_000 });
