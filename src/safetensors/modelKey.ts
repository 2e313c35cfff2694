/** Where in a file's metadata the architecture of a model stands, if `encodeModel` wrote it. */
export const modelKey = "tinygrad-ts";
