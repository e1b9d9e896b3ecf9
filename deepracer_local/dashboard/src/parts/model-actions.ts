/** What can be done with a model, each with its news told and everything that it changes asked for again. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

import { call, type Route } from "../api/client";
import { useNotifications } from "../shell/notifications";

type Wish = "stop" | "pause" | "resume";

const ROUTES: Record<Wish, Route> = {
  stop: "POST /api/v1/models/{model_id}/stop",
  pause: "POST /api/v1/models/{model_id}/pause",
  resume: "POST /api/v1/models/{model_id}/resume",
};
const SAID: Record<Wish, string> = {
  stop: "It stops within a few seconds and keeps its last checkpoint.",
  pause: "It pauses within a few seconds; resume goes on from the same step.",
  resume: "It is back in the queue and goes on from the same step.",
};

export function useModelActions() {
  const client = useQueryClient();
  const { notify, fail } = useNotifications();

  const wish = useCallback(
    async (what: Wish, id: string, name: string) => {
      try {
        await call(ROUTES[what], { params: { model_id: id } });
        notify({ type: "success", header: name, content: SAID[what] });
      } catch (error) {
        fail(`${what} ${name}`, error);
      }
      for (const queryKey of [["model", id], ["models"], ["jobs"], ["queue"]]) void client.invalidateQueries({ queryKey });
    },
    [client, notify, fail],
  );

  /** Deletes models one after the other; returns those that could not be. */
  const remove = useCallback(
    async (models: { id: string; name: string }[]) => {
      const left: string[] = [];
      for (const { id, name } of models) {
        try {
          await call("DELETE /api/v1/models/{model_id}", { params: { model_id: id } });
        } catch (error) {
          left.push(id);
          fail(`delete ${name}`, error);
        }
      }
      const n = models.length - left.length;
      if (n > 0) notify({ type: "success", content: n === 1 ? "Deleted the model." : `Deleted ${n} models.` });
      for (const key of ["models", "jobs", "usage"]) void client.invalidateQueries({ queryKey: [key] });
      return left;
    },
    [client, notify, fail],
  );

  return { wish, remove };
}
