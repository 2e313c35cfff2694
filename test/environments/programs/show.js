/** Shows in the page what a function returns, as JSON, or the error that it throws. */
export async function show(program) {
  const output = document.querySelector("output");
  try {
    output.textContent = JSON.stringify(await program());
    output.dataset.state = "done";
  } catch (error) {
    output.textContent = `${error.stack ?? error}`;
    output.dataset.state = "failed";
  }
}
