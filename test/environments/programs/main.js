import process from "node:process";

// Runs the program of this folder that is named, and prints its result as JSON.
const [, , name] = process.argv;
void import(`./${name}.js`)
  .then(({ [name]: program }) => program())
  .then((result) => {
    if (result !== undefined) console.log(JSON.stringify(result)); // of several processes, one says it
  });
