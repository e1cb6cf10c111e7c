import { describe, expect, it } from "vitest";
import type { Setting } from "../../api/types";
import { namesPeople, notesFor, PLANS, type SYSTEMS, settingsFor, systemOf, WHO } from "./guide";

const setting = (kind: Setting["kind"]): Setting => ({
  kind,
  title: kind,
  where: "somewhere",
  language: "json",
  text: "{}",
});
const ALL = [setting("user_settings"), setting("shell"), setting("powershell"), setting("managed_settings")];

describe("the guide", () => {
  it("gives one person a file, or a terminal of the system", () => {
    const kinds = (system: (typeof SYSTEMS)[number]) =>
      settingsFor("me", system, ALL).map(({ kind }) => kind);
    expect(kinds("macos")).toEqual(["user_settings", "shell"]);
    expect(kinds("windows")).toEqual(["user_settings", "powershell"]);
    expect(settingsFor("me", "windows", ALL)[0]?.where).toBe("%USERPROFILE%\\.claude\\settings.json");
  });

  it("gives everybody managed settings, where the system keeps them", () => {
    const [managed, ...more] = settingsFor("all", "linux", ALL);
    expect(managed?.where).toBe("/etc/claude-code/managed-settings.json");
    expect(more).toEqual([]);
  });

  it("says something to everybody, and how people get names where the sign-in tells none", () => {
    for (const who of WHO) {
      for (const plan of PLANS) {
        const notes = notesFor(who, plan);
        expect(notes.length).toBeGreaterThan(0);
        expect(/tells? nobody’s name/.test(notes.join(" "))).toBe(!namesPeople(plan));
      }
    }
  });

  it("begins with the system at hand", () => {
    expect(systemOf("Mozilla/5.0 (Windows NT 10.0; Win64; x64)")).toBe("windows");
    expect(systemOf("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)")).toBe("macos");
    expect(systemOf("Mozilla/5.0 (X11; Linux x86_64)")).toBe("linux");
  });
});
