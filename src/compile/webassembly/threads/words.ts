// What threads tell each other, as words of 32 bits in the memory that they share.

/** Odd while there are tasks to take: one more for each beginning and each end. A worker that has nothing to do waits for it to change. */
export const state = 0;
/** How many messages were posted: who has received fewer looks after its messages. */
export const posted = 1;
/** How many threads are at work on tasks, beside the main one. */
export const active = 2;
/** The program and the kernel whose tasks they are, how many there are, and the next one to take. */
export const program = 3;
export const kernel = 4;
export const tasks = 5;
export const next = 6;
/** From here on, for each task: the state at which it was done. */
export const done = 16;
