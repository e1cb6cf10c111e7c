/** Time zones that the browser knows. */

import { byZone } from "./byZone";

/** Whether the browser can show times in `zone`. */
export const isZone = byZone((zone) => {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
});

let local: string | undefined;

/** The zone that this machine had when it was first asked for; UTC where the browser does not say. */
export function localZone(): string {
  if (local === undefined) {
    const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    local = zone && isZone(zone) ? zone : "UTC";
  }
  return local;
}

/** UTC first, then every zone by name. */
export function allZones(): string[] {
  const known = Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC" && zone !== "Etc/UTC");
  return ["UTC", ...known];
}
