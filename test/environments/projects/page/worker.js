/** Bundlers that can take the package's worker for a file of the page have a file of their own in the place of this one. */
export const workerOptions = null;
