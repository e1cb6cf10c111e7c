/** What to tell whom: which settings fit how Claude Code is used, paid for and run. */

import type { Setting } from "../../api/types";

export const WHO = ["me", "all"] as const;
export type Who = (typeof WHO)[number];

export const PLANS = ["personal", "organization", "api", "cloud"] as const;
export type Plan = (typeof PLANS)[number];

export const SYSTEMS = ["macos", "linux", "windows"] as const;
export type System = (typeof SYSTEMS)[number];

export const WHO_NAMES: Record<Who, string> = {
  me: "Only mine",
  all: "Everybody’s in an organization",
};

export const PLAN_NAMES: Record<Plan, string> = {
  personal: "Pro or Max",
  organization: "Team or Enterprise",
  api: "API key",
  cloud: "Bedrock, Vertex or Foundry",
};

export const SYSTEM_NAMES: Record<System, string> = { macos: "macOS", linux: "Linux", windows: "Windows" };

/** Whether the sign-in tells an e-mail address that figures go by. */
export function namesPeople(plan: Plan): boolean {
  return plan === "personal" || plan === "organization";
}

/** The settings that fit, the preferred one first, each with its place on the system. */
export function settingsFor(who: Who, system: System, settings: readonly Setting[]): readonly Setting[] {
  const kinds: readonly Setting["kind"][] =
    who === "all" ? ["managed_settings"] : ["user_settings", system === "windows" ? "powershell" : "shell"];
  return kinds.flatMap((kind) =>
    settings
      .filter((setting) => setting.kind === kind)
      .map((setting) => ({ ...setting, where: PLACES[kind]?.[system] ?? setting.where })),
  );
}

const PLACES: Partial<Record<Setting["kind"], Record<System, string>>> = {
  user_settings: {
    macos: "~/.claude/settings.json",
    linux: "~/.claude/settings.json",
    windows: "%USERPROFILE%\\.claude\\settings.json",
  },
  managed_settings: {
    macos: "/Library/Application Support/ClaudeCode/managed-settings.json",
    linux: "/etc/claude-code/managed-settings.json",
    windows: "C:\\Program Files\\ClaudeCode\\managed-settings.json",
  },
};

/** What somebody on this plan should know. */
export function notesFor(who: Who, plan: Plan): readonly string[] {
  const notes: Record<Plan, readonly string[]> = {
    personal: [
      "Figures go by the e-mail address of the sign-in. Cost is what the same use would cost by the API’s prices; the subscription’s own price is not in it.",
    ],
    organization: [
      "Figures go by the e-mail address of each sign-in. Cost is by the API’s prices, also for seats with a fixed price.",
      ...(who === "all"
        ? [
            "Instead of a file on each machine, an owner can put the same text into Claude Code’s managed settings in the admin console; it reaches everybody who signs in.",
          ]
        : []),
    ],
    api: [
      who === "all"
        ? "An API key tells nobody’s name. Give each person an ingest key of their own, and figures go by its name."
        : "An API key tells nobody’s name. Without an e-mail address below, figures go by an installation id.",
    ],
    cloud: [
      who === "all"
        ? "These clouds tell nobody’s name. Give each person an ingest key of their own, and figures go by its name."
        : "These clouds tell nobody’s name. Without an e-mail address below, figures go by an installation id.",
      "Cost is by Anthropic’s list prices; what the cloud bills may differ.",
    ],
  };
  return notes[plan];
}

/** The system that the page is looked at on; most connect the machine that they sit at. */
export function systemOf(userAgent: string): System {
  if (/Windows/i.test(userAgent)) {
    return "windows";
  }
  return /Mac OS X|Macintosh/i.test(userAgent) ? "macos" : "linux";
}
