/** Answers at hand, and the rules by which they are asked for. */

import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays one when it is asked again; only a server that is away is worth two more tries.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status !== 0),
      retryDelay: (failures) => 500 * 2 ** failures,
    },
  },
});
