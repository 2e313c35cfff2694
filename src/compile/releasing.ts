let registry: FinalizationRegistry<() => void> | undefined;

/** A function that gives memory back, once. It is called when the owner has been collected, at the latest; so `release` must not hold on to the owner. */
export function releasing(owner: object, release: () => void): () => void {
  const own = once(release);
  registry ??= new FinalizationRegistry((late) => late());
  registry.register(owner, own);
  return own;
}

function once(fn: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) fn();
    isDone = true;
  };
}
