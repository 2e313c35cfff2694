// Somebody's own code: cross-entropy of a softmax, with its gradient written into an array.

export function loss(logits, label = 1) {
  const most = Math.max(...logits);
  const sum = logits.reduce((total, v) => total + Math.exp(v - most), 0);
  return most + Math.log(sum) - logits[label];
}

export function gradient(logits, out, label = 1) {
  const most = Math.max(...logits);
  const sum = logits.reduce((total, v) => total + Math.exp(v - most), 0);
  for (let i = 0; i < logits.length; i++) out[i] = Math.exp(logits[i] - most) / sum - (i === label ? 1 : 0);
}
