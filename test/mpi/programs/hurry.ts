import { group, print } from "./group.ts";

// Ranks that gather again and again, each with a pause of its own between: nobody may read what others are still writing, or wait for who has passed.

const { rank, size } = group;
let wrong = 0;
for (let turn = 0; turn < 2000; turn++) {
  const length = 1 + (turn % 5);
  const all = group.gather(new Float64Array(length).fill(turn * size + rank));
  for (let i = 0; i < all.length; i++) if (all[i] !== turn * size + Math.floor(i / length)) wrong++;
  for (let i = (turn * 7919 + rank * 104_729) % 4000; i > 0; i--) Math.sqrt(i);
}
print({ wrong });
