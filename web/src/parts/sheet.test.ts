import { expect, it } from "vitest";
import { dollars, toCsv } from "./sheet";

it("writes what spreadsheets read", () => {
  const sheet = {
    columns: ["Name", "Cost (USD)"],
    rows: [
      ['a "b", c', dollars(1_234_567)],
      ["=1+1", -3],
      [null, 0],
    ],
  };
  expect(toCsv(sheet)).toBe('\ufeffName,Cost (USD)\r\n"a ""b"", c",1.234567\r\n\'=1+1,-3\r\n,0\r\n');
});
