import { expect, test } from "vitest";
import { find } from "../../docs/english/phrases.ts";

test("guides, TSDoc, error texts, labels and changesets are free of phrases to avoid; npm run english says what to write instead", () => {
  expect(find().map(({ phrase, at }) => `${at} → ${phrase.instead}`)).toEqual([]);
});
