/** Everything that can be done with a model. */
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useLocation } from "wouter";

import { addressOf } from "../../api/client";
import { useCheckpoints } from "../../api/queries";
import type { ModelDetail } from "../../api/types";
import { Confirm } from "../../parts/confirm";
import { useModelActions } from "../../parts/model-actions";
import { EditModal } from "./edit-modal";
import { EvaluateModal } from "./evaluate-modal";

type Open = "delete" | "evaluate" | "edit" | null;

export function ModelButtons({ model }: { model: ModelDetail }) {
  const [open, setOpen] = useState<Open>(null);
  const [busy, setBusy] = useState("");
  const [, navigate] = useLocation();
  const { wish, remove } = useModelActions();
  const checkpoints = useCheckpoints(model.id);
  const hasWeights = (checkpoints.data?.checkpoints.length ?? 0) > 0 || model.best_checkpoint !== null;
  const isBusy = ["QUEUED", "TRAINING", "EVALUATING"].includes(model.status);
  const act = async (what: "stop" | "pause" | "resume") => {
    setBusy(what);
    await wish(what, model.id, model.name);
    setBusy("");
  };
  const choose = (id: string) => {
    if (id === "clone") navigate(`/create?from=${model.id}`);
    else if (id === "archive") window.location.assign(addressOf("GET /api/v1/models/{model_id}/archive", { params: { model_id: model.id } }));
    else if (id === "yaml") window.location.assign(addressOf("GET /api/v1/models/{model_id}/export", { params: { model_id: model.id } }));
    else if (id === "pause") void act("pause");
    else setOpen(id as Open);
  };
  const none = hasWeights ? {} : { disabled: true, disabledReason: "It has no checkpoint yet: the first comes after the first update." };
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {isBusy && (
        <Button loading={busy === "stop"} onClick={() => void act("stop")}>
          Stop
        </Button>
      )}
      {model.status === "PAUSED" && (
        <Button variant="primary" loading={busy === "resume"} onClick={() => void act("resume")}>
          Resume
        </Button>
      )}
      <Button disabled={!hasWeights} disabledReason={none.disabledReason ?? ""} onClick={() => setOpen("evaluate")}>
        Evaluate
      </Button>
      <ButtonDropdown
        onItemClick={({ detail }) => choose(detail.id)}
        items={[
          { id: "clone", text: "Train on from it", ...none },
          { id: "pause", text: "Pause", disabled: !isBusy, disabledReason: "Nothing of it runs or waits." },
          { id: "edit", text: "Rename, describe, tag" },
          {
            text: "Download",
            items: [
              { id: "archive", text: "Model as tar.gz", ...none },
              { id: "yaml", text: "Settings as YAML" },
            ],
          },
          { id: "delete", text: "Delete", disabled: isBusy || model.status === "STOPPING", disabledReason: "Stop it first." },
        ]}
      >
        Actions
      </ButtonDropdown>
      {open === "evaluate" && <EvaluateModal model={model} onClose={() => setOpen(null)} />}
      {open === "edit" && <EditModal model={model} onClose={() => setOpen(null)} />}
      {open === "delete" && (
        <Confirm
          title={`Delete ${model.name}?`}
          verb="Delete"
          onClose={() => setOpen(null)}
          onConfirm={async () => {
            if ((await remove([model])).length === 0) navigate("/models");
          }}
        >
          Its weights, laps, logs and videos go with it and cannot be brought back.
        </Confirm>
      )}
    </SpaceBetween>
  );
}
