/** The clock on the wall, as a session's page shows it. */

import { useCallback } from "react";
import type { Story } from "../../api/story";
import { formatClock, todayIn } from "../../format/dates";
import { useView } from "../../view/useView";

/** An instant, in milliseconds since 1970 or as the API writes it. */
export type Clock = (at: number | string) => string;

/** To the second on the day that the session began; on others the day and the minute. */
export function useClock(story: Story | undefined): Clock {
  const [view] = useView();
  const started = story?.session.started_at;
  return useCallback(
    (at) => {
      const day = started === undefined ? "" : todayIn(view.tz, new Date(started));
      return formatClock(new Date(at).toISOString(), view.tz, day);
    },
    [view.tz, started],
  );
}
