import { type Labels as Common, labelsOf as commonOf, type Language } from "../labels.ts";

const en = {
  ...commonOf.en,
  title: "Playground: digits",
  lead: "Press Run: a small convolutional network learns in your browser from 1,438 handwritten digits. Draw a digit, and it reads it. Say which digit you meant, and see the way back: the residual δ = ∂L/∂z is born at the output as p − y, and goes back through both layers to the ink.",
  trainingHelp: "A change starts the training over.",
  pictures: "Pictures in a batch",
  board: "Drawing",
  boardHelp:
    "Draw with the mouse or a finger. With the keyboard: arrow keys move the pen, Space puts it down or lifts it, Backspace takes the last stroke back.",
  boardIs: (what: string) => `Drawing board: ${what}. Arrow keys move the pen, Space puts it down or lifts it.`,
  anExample: (n: number, digit: string) => `example ${n}, a handwritten ${digit}`,
  aDrawing: (strokes: number) => `a drawing of ${strokes} ${strokes === 1 ? "stroke" : "strokes"}`,
  nothing: "empty",
  penDown: "The pen is down.",
  penUp: "The pen is up.",
  full: "The drawing is full: clear it to draw another.",
  clear: "Clear",
  undo: "Take back a stroke",
  example: "Example",
  previousExample: "Previous example",
  nextExample: "Next example",
  heat: (most: string) =>
    `Colours are ∂L/∂x, the gradient of each pixel, up to ${most}: where it is blue, more ink would raise the loss; where it is orange, more ink would lower it.`,
  noHeat: "With a target, colours show here what more ink would do to the loss.",
  seen: "What the network sees",
  seenHelp:
    "The drawing, moved to the middle, enlarged, and shrunk to 8 × 8 pixels, as the digits are that it learns from.",
  seenLabel: (rows: string) => `8 × 8 pixels, ink from 0 to 9, row by row: ${rows}`,
  answer: "What the network reads",
  reads: (digit: number, p: string) => `It reads ${digit}, with probability ${p}.`,
  chooseTarget: "Probabilities of the ten digits. Choose the target: the digit that it is to be.",
  targetIs: (digit: number) => `target ${digit}`,
  answerColumns: ["target", "p", "", "y", "δ = p − y"] as readonly string[],
  born: "Where the residual is born",
  noTarget:
    "Nobody has said yet which digit this is to be. Without a target there is no loss, and without a loss there is no residual. Choose the target in the table.",
  bornLoss: (k: number) => `L = −log p${subscript(k)}`,
  bornAt: (target: number, delta: string) =>
    `At the output, where the loss is: δ = ∂L/∂z = p − y. At the target ${target}, y is 1, and δ = ${delta}: below 0, so the step raises this sum z.`,
  bornOthers: (digit: number, delta: string) =>
    `At the nine others, y is 0, and δ is the probability itself: the largest is at ${digit}, δ = ${delta}, and the step lowers that z the most. All ten add up to 0.`,
  bornBack: (second: string, first: string) =>
    `From there it goes back: times the weights, times ReLU′(z), which is 1 or 0. In layer 2, ${second} of the residuals are not 0; in layer 1, ${first}. Max pooling passes a residual only to the largest of four cells.`,
  bornInk: "Once more times the weights, and it arrives at the pixels: the colours on the drawing.",
  layers: "Layers",
  layersHelp:
    "Each unit is a kernel that moves over the picture. Above is what it finds, its activation a = ReLU(z); below is what comes back, its residual δ = ∂L/∂z. Blue is positive, orange is negative.",
  layerIs: (layer: number, units: number, side: number) => `Layer ${layer}: ${units} units, ${side} × ${side} each`,
  scales: (a: string, d: string | null) => `a up to ${a}${d === null ? "" : `, δ up to ${d}`}`,
  testLoss: "Loss on 359 other digits",
  testQuality: "Read right of these",
  otherPlayground: "Playground: points in the plane",
  source:
    "Digits: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository,",
  licence: "CC BY 4.0",
};

/** All that the page of digits says. */
export type DigitLabels = Common & typeof en;

const zh: DigitLabels = {
  ...commonOf.zh,
  title: "演练场：手写数字",
  lead: "点“运行”，一个小型卷积网络就会在你的浏览器里用 1,438 个手写数字学习。请写一个数字让它识别；再指定你写的是哪个数字，就能看到反向传播的过程：残差 δ = ∂L/∂z 产生于输出层，等于 p − y，再经过两层一直传回到笔画上。",
  trainingHelp: "修改后从头开始训练。",
  pictures: "每批图像数",
  board: "手写板",
  boardHelp: "用鼠标或手指书写。也可以用键盘：方向键移动画笔，空格键落笔或提笔，退格键撤销上一笔。",
  boardIs: (what) => `手写板：${what}。方向键移动画笔，空格键落笔或提笔。`,
  anExample: (n, digit) => `第 ${n} 个样例，手写数字 ${digit}`,
  aDrawing: (strokes) => `你写的字，共 ${strokes} 笔`,
  nothing: "空白",
  penDown: "已落笔。",
  penUp: "已提笔。",
  full: "手写板已满：请清除后再写。",
  clear: "清除",
  undo: "撤销一笔",
  example: "样例",
  previousExample: "上一个样例",
  nextExample: "下一个样例",
  heat: (most) =>
    `颜色表示每个像素的梯度 ∂L/∂x，绝对值最大为 ${most}：蓝色处墨迹增加会使损失增大，橙色处墨迹增加会使损失减小。`,
  noHeat: "指定目标之后，这里会用颜色表示墨迹增加对损失的影响。",
  seen: "网络看到的图像",
  seenHelp: "把笔迹居中、放大，再缩成 8 × 8 像素，与训练用的数字一致。",
  seenLabel: (rows) => `8 × 8 像素，墨迹深浅从 0 到 9，逐行为：${rows}`,
  answer: "识别结果",
  reads: (digit, p) => `识别为 ${digit}，概率 ${p}。`,
  chooseTarget: "十个数字各自的概率。请选择目标，即正确的数字。",
  targetIs: (digit) => `目标 ${digit}`,
  answerColumns: ["目标", "p", "", "y", "δ = p − y"],
  born: "残差在哪里产生",
  noTarget: "还没有指定正确的数字。没有目标就没有损失，没有损失也就没有残差。请在表中选择目标。",
  bornAt: (target, delta) =>
    `残差产生于输出层，也就是计算损失的地方：δ = ∂L/∂z = p − y。目标 ${target} 处 y = 1，δ = ${delta}，小于 0，所以更新会增大这里的 z。`,
  bornOthers: (digit, delta) =>
    `其余九处 y = 0，残差就是概率本身：最大的在 ${digit} 处，δ = ${delta}，更新使那里的 z 减小得最多。十个残差之和为 0。`,
  bornBack: (second, first) =>
    `残差由此往回传：先乘以权重，再乘以 ReLU′(z)，即 1 或 0。第 2 层有 ${second} 的残差不为 0，第 1 层有 ${first}。最大池化只把残差传给四格中最大的那一格。`,
  bornInk: "再乘一次权重，就传到了像素上，也就是手写板上的颜色。",
  layers: "各层",
  layersHelp:
    "每个单元是一个在图像上滑动的卷积核。上图是它找到的特征，即激活值 a = ReLU(z)；下图是传回来的残差 δ = ∂L/∂z。蓝色为正，橙色为负。",
  layerIs: (layer, units, side) => `第 ${layer} 层：${units} 个单元，每个 ${side} × ${side}`,
  scales: (a, d) => `a 最大 ${a}${d === null ? "" : `，|δ| 最大 ${d}`}`,
  testLoss: "在另外 359 个数字上的损失",
  testQuality: "其中识别正确的比例",
  otherPlayground: "演练场：平面上的点",
  source: "数据：E. Alpaydin、C. Kaynak，Optical Recognition of Handwritten Digits，UCI Machine Learning Repository，",
  bornLoss: en.bornLoss,
  licence: en.licence,
};

export const digitLabelsOf: Readonly<Record<Language, DigitLabels>> = { en, zh };

function subscript(digit: number): string {
  return String.fromCharCode(0x2080 + digit);
}
