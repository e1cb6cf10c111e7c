/** People, teams and projects through the real program, on data that was counted when it was made. */

import { expect as plainExpect } from "@playwright/test";
import { costMicros, type Demo, makeDemo } from "../../support/demo";
import { claudeHome, expected } from "../../support/expected";
import { figure } from "../../support/headline";
import { lookFromAllSides } from "../../support/look";
import { savedRows, sumOf } from "../../support/saved";
import { test } from "../../support/test";

test.describe.configure({ timeout: 480_000 });

/** The first question to a large ledger takes its time on a busy machine. */
const expect = plainExpect.configure({ timeout: 30_000 });

let demo: Demo;

test.beforeAll(async () => {
  demo = await makeDemo();
});

test.afterAll(async () => {
  await demo.remove();
});

function dollars(text: string | undefined): string {
  const exact = Number(text).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 6 });
  return `$${exact}`;
}

test("people and teams add up to the whole", async ({ page, pitwall }) => {
  const { filled, range, data } = demo;
  const { address } = await pitwall({ data });
  await page.goto(`${address}/people?${range}`);
  const people = await savedRows(page, "Who works with it?");
  expect(sumOf(people, "Sessions")).toBe(filled.sessions);
  expect(sumOf(people, "Requests")).toBe(filled.requests);
  expect(sumOf(people, "Commits")).toBe(filled.commits);
  expect(sumOf(people, "Lines added")).toBe(filled.lines_added);
  expect(sumOf(people, "Cost (USD)")).toBeCloseTo(costMicros(filled) / 1e6, 4);
  const names = people.map((row) => row.Who ?? "");
  expect(names).toEqual([...names].sort());

  const active = people.filter((row) => Number(row["Active days"]) > 0).length;
  const adoption = page.getByRole("region", { name: "How many use it?" });
  await expect(adoption).toContainText(`${active} people`);
  const days = await savedRows(page, "How many use it?");
  expect(Math.max(...days.map((day) => Number(day["In 30 days"])))).toBe(active);

  const teams = await savedRows(page, "Which teams?");
  expect(sumOf(teams, "Cost (USD)")).toBeCloseTo(costMicros(filled) / 1e6, 4);
  expect(sumOf(teams, "Pull requests")).toBe(filled.pull_requests);
  await lookFromAllSides(page, "demo-people", async () => {
    await expect(page.getByRole("table", { name: "People", exact: true })).toBeVisible();
    await expect(page.locator("[data-chart] svg path").first()).toBeAttached();
  });
});

test("a person's page has what the person's row has", async ({ page, pitwall }) => {
  const { address } = await pitwall({ data: demo.data });
  await page.goto(`${address}/people?${demo.range}&order=cost`);
  const [first] = await savedRows(page, "Who works with it?");
  await page.getByRole("table", { name: "People", exact: true }).getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(first?.Who ?? "");
  await expect(figure(page, "Cost")).toHaveAttribute("title", dollars(first?.["Cost (USD)"]));
  const hours = await savedRows(page, "When?");
  const requests = hours.flatMap((row) => Object.entries(row).filter(([name]) => name !== "Day"));
  expect(requests.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(Number(first?.Requests));
  const sessions = page.getByRole("region", { name: "Which sessions were there?" });
  await expect(sessions).toContainText(/^.*\d+ sessions? /);
  await lookFromAllSides(page, "demo-person", () =>
    expect(page.getByRole("table", { name: "Sessions" })).toBeVisible(),
  );
});

test("projects add up to the whole, and one has what its row has", async ({ page, pitwall }) => {
  const { filled, range, data } = demo;
  const { address } = await pitwall({ data });
  await page.goto(`${address}/projects?${range}`);
  const projects = await savedRows(page, "Which projects were worked on?");
  expect(sumOf(projects, "Sessions")).toBe(filled.sessions);
  expect(sumOf(projects, "Commits")).toBe(filled.commits);
  expect(sumOf(projects, "Pull requests")).toBe(filled.pull_requests);
  expect(sumOf(projects, "Cost (USD)")).toBeCloseTo(costMicros(filled) / 1e6, 4);
  await lookFromAllSides(page, "demo-projects", () =>
    expect(page.getByRole("table", { name: "Projects" })).toBeVisible(),
  );
  await page.getByRole("table", { name: "Projects" }).getByRole("link").first().click();
  await expect(figure(page, "Cost")).toHaveAttribute("title", dollars(projects[0]?.["Cost (USD)"]));
  const people = await savedRows(page, "Who works on it?");
  expect(sumOf(people, "Cost (USD)")).toBeCloseTo(Number(projects[0]?.["Cost (USD)"]), 4);
  await lookFromAllSides(page, "demo-project", () =>
    expect(page.getByRole("table", { name: "Sessions" })).toBeVisible(),
  );
});

test("a project from transcripts has its branch", async ({ page, pitwall }) => {
  const truth = expected(claudeHome("commit-and-pr"));
  const { address } = await pitwall({ claudeDir: claudeHome("commit-and-pr") });
  await page.goto(`${address}/projects?range=custom&from=2026-11-20&to=2026-11-22&tz=UTC`);
  const link = page.getByRole("table", { name: "Projects" }).getByRole("link").first();
  await expect(link).toBeVisible({ timeout: 30_000 });
  await link.click();
  await expect(figure(page, "Cost")).toHaveAttribute("title", `$${truth.cost_usd}`);
  const branches = await savedRows(page, "Which branches?");
  expect(sumOf(branches, "Commits")).toBe(truth.commits);
  expect(sumOf(branches, "Cost (USD)")).toBeCloseTo(truth.cost_usd, 6);
});
