import { expect, it } from "vitest";
import { projectName, projectNames } from "./projects";

it("names a project by its last folder", () => {
  expect(projectName("/home/ann/work/webshop")).toBe("webshop");
  expect(projectName("C:\\Users\\ann\\webshop\\")).toBe("webshop");
  expect(projectName("webshop")).toBe("webshop");
  expect(projectName("/")).toBe("/");
});

it("goes up as far as it takes to tell two apart", () => {
  const names = projectNames(["/home/ann/shop/api", "/home/bob/shop/api", "/home/ann/docs", "/srv/pay/api"]);
  expect([...names.values()]).toEqual(["ann/shop/api", "bob/shop/api", "docs", "pay/api"]);
});
