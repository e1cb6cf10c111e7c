/** Asks for new figures while the transcript import is filling the ledger, instead of waiting for the next round. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { statusQuery } from "../api/queries";
import { QUESTIONS } from "../api/questions";

/** Asks a page's questions again whenever the import got further, and once when it is done. */
export function useFreshFigures(): void {
  const queries = useQueryClient();
  const { data: status } = useQuery(statusQuery());
  const progress = status ? `${status.import.state} ${status.import.files_done}` : null;
  useEffect(() => {
    if (progress !== null) {
      void queries.invalidateQueries({ queryKey: QUESTIONS }, { cancelRefetch: false });
    }
  }, [queries, progress]);
}
