/** A file that the build puts in, byte by byte. */
declare module "*.gz" {
  const bytes: Uint8Array<ArrayBuffer>;
  // biome-ignore lint/style/noDefaultExport: how esbuild gives the bytes of a file
  export default bytes;
}
