import { exhibits, outcome } from "./exhibits.ts";

/** docs/guide/bug-museum.md, written by `npm run figure`. */
export function museumPage(): string {
  return `# The bug museum

This page shows ten wrong backward passes, with mistakes that people really make. Most of them still train a network, only worse than they should, and all but one give no error. For each, you see what it computes, what is right, and
the report of the [gradient checker](check-a-gradient.md) that catches it. Each is a file in \`docs/museum\`. In the repository, \`npm run museum\` runs them all, and \`npm run museum overwritten\` runs one of them.

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

Add one line to a test: \`assertGradient(f, gradient, point)\`. Choose a point without special values, where all entries differ, because a tie or a zero can make a wrong gradient right by chance. [Check a gradient in your tests](check-a-gradient.md)
shows how, and [Reading a report](reading-a-report.md) explains what the report says.
`;
}

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(" ", "-");
}
