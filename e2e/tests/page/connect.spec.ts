import { expect, test } from "../../support/test";

test("with nothing to show the page teaches how, and opens the Overview by itself", async ({
  page,
  mock,
  request,
}) => {
  const { address } = await mock("empty");
  await page.goto(address);
  await expect(page.getByRole("heading", { name: "Nothing to show yet" })).toBeVisible();
  await expect(page.getByText("Waiting for the first event.")).toBeVisible();
  await expect(page.getByRole("progressbar", { name: "Transcripts read" })).toBeVisible();
  await request.post(`${address}/mock/first-event`);
  await expect(page.getByRole("heading", { name: "What did it cost?" })).toBeVisible();
});

test("settings are copied exactly", async ({ page, mock, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { address } = await mock("full");
  await page.goto(`${address}/connect`);
  await page.getByRole("button", { name: "Copy: For one person, in settings.json" }).click();
  await expect(page.getByRole("button", { name: /^Copy: For one person/ })).toHaveText("Copied");
  const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  expect(copied.env.OTEL_EXPORTER_OTLP_ENDPOINT).toBe(address);
});

test("demo data is made on request and opened when it is there", async ({ page, mock }) => {
  const { address } = await mock("empty");
  await page.goto(address);
  await page.getByRole("button", { name: "Look at demo data" }).click();
  await expect(page.getByText("Making demo data:")).toBeVisible();
  await expect(page).toHaveURL(/[?&]demo/);
});

test("demo data is called that on every page", async ({ page, mock }) => {
  const { address } = await mock("demo");
  for (const path of ["/", "/connect"]) {
    await page.goto(address + path);
    await expect(page.getByRole("note")).toContainText("Demo data.");
  }
});

test.describe("a key is needed", () => {
  test.use({ provoked: [/status of 401/] });

  test("a wrong key is refused, the right one opens the page for this tab", async ({ page, mock }) => {
    const { address } = await mock("locked");
    await page.goto(address);
    await page.getByLabel("Viewer key").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByText("This key is not accepted.")).toBeVisible();
    await page.getByLabel("Viewer key").fill("viewer-key-of-the-mock");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "What did it cost?" })).toBeVisible();
    await expect(page.getByRole("status", { name: "Live list" })).toHaveText("Live");
    await page.reload();
    await expect(page.getByRole("heading", { name: "What did it cost?" })).toBeVisible();
  });
});
