import { exhibits, outcome } from "./exhibits.ts";

/** docs/guide/bug-museum.md, written by `npm run figure`. */
export function museumPage(): string {
  return `# The bug museum

Ten backward passes that are wrong, in the ways in which people get them wrong. Most of them still train a network, only worse than it should be, and all but one give no error. Each is shown with what it computes, with what is right, and with
the report of the [gradient checker](check-a-gradient.md) that catches it. \`npm run museum\` in the repository runs them all, and \`npm run museum overwritten\` one of them; each is a file in \`docs/museum\`.

${exhibits.map(({ title }, i) => `${i + 1}. [${title}](#${anchor(title)})`).join("\n")}

${exhibits
  .map(({ title, story, code, wrong, right, checkWrong }) =>
    [
      `## ${title}`,
      story,
      `\`\`\`ts\n${code}\n\`\`\``,
      `| | at \`point\` |\n|---|---|\n| wrong | \`${outcome(wrong)}\` |\n| right | \`${outcome(right)}\` |`,
      "`check(wrong)`:",
      `\`\`\`text\n${outcome(checkWrong)}\n\`\`\``,
    ].join("\n\n"),
  )
  .join("\n\n")}

## How to keep your own code out of this museum

One line in a test does it: \`assertGradient(f, gradient, point)\`, at a point without special values, where entries differ and a tie or a zero does not make a wrong gradient right by chance. [Check a gradient in your tests](check-a-gradient.md)
tells how, and [Reading a report](reading-a-report.md) what its lines say.
`;
}

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(" ", "-");
}
