/** What is made once for each time zone. */

/** Zones that are remembered; a page shows times in one. */
const MOST_ZONES = 16;

/**
 * The same as `make`, which is called once for each zone. Formatters of the browser take a hundred times as long to make
 * as to use, and every render uses hundreds.
 */
export function byZone<Made>(make: (zone: string) => Made): (zone: string) => Made {
  const made = new Map<string, Made>();
  return (zone) => {
    if (!made.has(zone)) {
      if (made.size >= MOST_ZONES) {
        made.clear();
      }
      made.set(zone, make(zone));
    }
    return made.get(zone) as Made;
  };
}
