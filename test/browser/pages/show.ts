/** Shows in the page what a function returns, as JSON, or the error that it throws. */
export async function show(run: () => unknown): Promise<void> {
  const output = document.querySelector("output");
  if (output === null) throw new Error("the page has no place to show results");
  try {
    output.textContent = JSON.stringify(await run());
    output.dataset["state"] = "done";
  } catch (error) {
    output.textContent = error instanceof Error ? `${error.stack}` : String(error);
    output.dataset["state"] = "failed";
  }
}
