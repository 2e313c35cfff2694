import { chinese } from "./chinese.ts";
import { exhibits, outcome } from "./exhibits.ts";

const en = {
  head: `# The bug museum

This page shows ten wrong backward passes, with mistakes that people really make. Most of them still train a network, only worse than they should, and all but one give no error. For each, you see what it computes, what is right, and
the report of the [gradient checker](check-a-gradient.md) that catches it. Each is a file in \`docs/museum\`. In the repository, \`npm run museum\` runs them all, and \`npm run museum overwritten\` runs one of them.`,
  at: "at `point`",
  wrong: "wrong",
  right: "right",
  colon: ":",
  foot: `## How to keep your own code out of this museum

Add one line to a test: \`assertGradient(f, gradient, point)\`. Choose a point without special values, where all entries differ, because a tie or a zero can make a wrong gradient right by chance. [Check a gradient in your tests](check-a-gradient.md)
shows how, and [Reading a report](reading-a-report.md) explains what the report says.`,
};

const zh: typeof en = {
  head: `# 错误博物馆

这一页展出十个写错的反向传播，都是人们真正会犯的错误。其中大多数仍然能训练网络，只是效果差一些；除了一个之外，都不会报错。每一个错误都列出它算出了什么、正确的是什么，
以及[梯度检查器](check-a-gradient.md)查出它时给出的报告。每个错误是 \`docs/museum\` 里的一个文件。在仓库里，\`npm run museum\` 运行全部展品，\`npm run museum overwritten\` 只运行其中一个。`,
  at: "在 `point` 处",
  wrong: "错误的",
  right: "正确的",
  colon: "：",
  foot: `## 怎样让自己的代码不进这个博物馆

在测试里加一行：\`assertGradient(f, gradient, point)\`。选一个没有特殊值的点，各项互不相同，因为并列或者 0 会使错误的梯度碰巧正确。[在测试里检查梯度](check-a-gradient.md)
讲解怎样使用，[读懂检查报告](reading-a-report.md)解释报告的内容。`,
};

/** docs/guide/bug-museum.md and the page in Chinese, written by `npm run figure`. */
export function museumPage(language: "en" | "zh"): string {
  const { head, at, wrong: isWrong, right: isRight, colon, foot } = { en, zh }[language];
  const shown = exhibits.map((exhibit) => ({ ...exhibit, ...(language === "zh" ? chinese.get(exhibit.name) : {}) }));
  return `${head}

${shown.map(({ title }, i) => `${i + 1}. [${title}](#${anchor(title)})`).join("\n")}

${shown
  .map(({ title, story, code, wrong, right, checkWrong }) =>
    [
      `## ${title}`,
      story,
      `\`\`\`ts\n${code}\n\`\`\``,
      `| | ${at} |\n|---|---|\n| ${isWrong} | \`${outcome(wrong)}\` |\n| ${isRight} | \`${outcome(right)}\` |`,
      `\`check(wrong)\`${colon}`,
      `\`\`\`text\n${outcome(checkWrong)}\n\`\`\``,
    ].join("\n\n"),
  )
  .join("\n\n")}

${foot}
`;
}

/** Where each page stands, from docs/guide. */
export const museumFiles = { en: "bug-museum.md", zh: "zh-CN/bug-museum.md" } as const;

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(" ", "-");
}
