/** Asks for new figures while the transcript import is filling the ledger, instead of waiting for the next round. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { statusQuery } from "../api/queries";
import { QUESTIONS } from "../api/questions";

/**
 * Asks a page's questions again whenever the import got further, and once when it is done. An import that was done
 * when the page was opened has changed nothing since: the questions were asked at the same time.
 */
export function useFreshFigures(): void {
  const queries = useQueryClient();
  const { data: status } = useQuery(statusQuery());
  const progress = status ? `${status.import.state} ${status.import.files_done}` : null;
  const known = useRef<string | null>(null);
  useEffect(() => {
    if (progress === null || progress === known.current) {
      return;
    }
    const wasDone = known.current === null && status?.import.state !== "running";
    known.current = progress;
    if (!wasDone) {
      void queries.invalidateQueries({ queryKey: QUESTIONS }, { cancelRefetch: false });
    }
  }, [queries, progress, status]);
}
