/** What `programs/everyday.js` comes to. */
export const everyday = {
  learns: true,
  compiledPrograms: 1,
  compiledIsEager: true,
  fitLearns: true,
  savedBytes: 0,
  loadedIsSame: true,
  rightGradient: true,
  wrongGradient: false,
  stepsOfBackward: 3,
  refusal: "ShapeError",
  printed: "float32[1, 2] [[  1, 2.5]] Sequential",
};

/** What `programs/threads.js` comes to: three different products, and with two threads the same bits. */
export const threads = { differ: 3, same: true };

/** What `programs/files.js` comes to. */
export const files = { same: true };

/** What `programs/ranks.js` comes to on two ranks. */
export const ranks = { size: 2, near: true, same: true };

/** What `programs/blasProducts.js` comes to. */
export const blasProducts = { library: true, eager: true, compiled: true, grown: true, shared: true, stopped: true };
