/** What is known of a person besides figures, in words. */

import type { Person } from "../../api/person";
import { formatUnit } from "../../format/counts";
import { formatDay, todayIn } from "../../format/dates";

const STANDINGS: Record<NonNullable<Person["standing"]>, string> = {
  new: "new in these days",
  steady: "active before as well",
  returning: "back after a while",
  silent: "silent in these days",
};

export function factsOf(person: Person): readonly string[] {
  const zone = person.range.timezone;
  const day = (instant: string) => {
    const date = todayIn(zone, new Date(instant));
    return `${formatDay(date)} ${date.slice(0, 4)}`;
  };
  return [
    `first seen ${day(person.first_seen)}`,
    `last seen ${day(person.last_seen)}`,
    `active on ${formatUnit(person.active_days, "day")} of these`,
    ...(person.standing === null ? [] : [STANDINGS[person.standing]]),
    ...(person.teams.length === 0 ? [] : [`team ${person.teams.join(", ")}`]),
    ...(person.terminals.length === 0 ? [] : [person.terminals.join(", ")]),
    ...versions(person.client_versions),
    ...(person.subscriptions.length === 0 ? [] : [`plan ${person.subscriptions.join(", ")}`]),
  ];
}

/** The newest version, and how many there were in all. */
function versions(all: readonly string[]): readonly string[] {
  const newest = [...all].sort((a, b) => b.localeCompare(a, "en", { numeric: true })).at(0);
  if (newest === undefined) {
    return [];
  }
  return [all.length === 1 ? `Claude Code ${newest}` : `Claude Code ${newest}, the newest of ${all.length}`];
}
