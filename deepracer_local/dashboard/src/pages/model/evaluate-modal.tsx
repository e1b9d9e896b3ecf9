/** Laps to drive with a checkpoint. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";

import { ApiError, call, messageOf } from "../../api/client";
import { useRandomisations, useTracks } from "../../api/queries";
import { specOf } from "../../api/spec";
import type { ModelDetail } from "../../api/types";
import { CheckpointSelect } from "../../parts/checkpoint-select";
import { useNotifications } from "../../shell/notifications";
import { raceOf } from "../create/race";
import { KINDS, OFF, OWN, presetOf } from "../create/randomisation";
import { faultsOfRules, requestOfRules, rulesFor } from "./evaluation-rules";
import { RulesPart } from "./evaluation-rules-part";

const FIELDS = ["trials", "checkpoint", "track", "randomisation"];
const SPECIFIED = { value: OFF, label: "As specified", description: "The car, the light and the camera of every other evaluation: laps can be compared." };
const PRESETS = KINDS.filter(({ value }) => value !== OFF && value !== OWN);

interface Props {
  model: ModelDetail;
  /** What is chosen at first. */
  checkpoint?: string;
  onClose: () => void;
}

export function EvaluateModal({ model, checkpoint: preset = "best", onClose }: Props) {
  const tracks = useTracks();
  const [trials, setTrials] = useState("3");
  const [checkpoint, setCheckpoint] = useState(preset);
  const [track, setTrack] = useState(model.track);
  const own = raceOf(specOf(model).race);
  const [rules, setRules] = useState(() => rulesFor(own));
  const [isTried, setTried] = useState(false);
  const [conditions, setConditions] = useState(OFF);
  const [hasVideo, setVideo] = useState(true);
  const [hasInsight, setInsight] = useState(true);
  const [fault, setFault] = useState({ field: "", message: "" });
  const [isBusy, setBusy] = useState(false);
  const [, navigate] = useLocation();
  const client = useQueryClient();
  const { notify } = useNotifications();

  const trackOptions = (tracks.data?.tracks ?? []).map((one) => ({ value: one.name, label: one.title, description: one.name === model.track ? "trained here" : "" }));
  const presets = useRandomisations().data?.presets;
  const trained = specOf(model).randomisation;
  const hasOwn = trained !== undefined && presets !== undefined && presetOf(trained, presets) === null;
  const conditionOptions = [SPECIFIED, ...PRESETS, ...(hasOwn ? [{ value: OWN, label: "As in training", description: "Drawn from the training's own ranges." }] : [])];
  const faults = isTried ? faultsOfRules(rules) : {};
  const start = async () => {
    setTried(true);
    const laps = Number(trials);
    if (!Number.isInteger(laps) || laps < 1 || laps > 100) {
      setFault({ field: "trials", message: "Expected a whole number from 1 to 100." });
      return;
    }
    if (Object.keys(faultsOfRules(rules)).length > 0) return;
    setFault({ field: "", message: "" });
    setBusy(true);
    try {
      await call("POST /api/v1/models/{model_id}/evaluations", {
        params: { model_id: model.id },
        body: { trials: laps, checkpoint, track: track === model.track ? null : track, video: hasVideo, insight: hasInsight, randomisation: conditions === OWN ? (trained ?? null) : conditions, ...requestOfRules(rules) },
        idempotencyKey: crypto.randomUUID(),
      });
      void client.invalidateQueries({ queryKey: ["model", model.id] });
      notify({ type: "success", content: "The evaluation is in the queue; its laps appear when they have been driven." });
      onClose();
      navigate(`/models/${model.id}?tab=evaluations`);
    } catch (error) {
      const field = error instanceof ApiError ? (error.field ?? "") : "";
      // What a race of two lacks has no field where its own checkpoint is missing.
      const fallback = rules.onRoad === "model" ? "opponent" : "checkpoint";
      setFault({ field: FIELDS.includes(field) || field.startsWith("race") ? field : fallback, message: messageOf(error) });
      setBusy(false);
    }
  };
  const errorOf = (field: string) => (fault.field === field ? fault.message : "");
  return (
    <Modal
      visible
      size={rules.onRoad === "own" ? "medium" : "large"}
      header={`Evaluate ${model.name}`}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" loading={isBusy} onClick={() => void start()}>
              Drive
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <FormField label="Laps" constraintText="1 to 100" errorText={errorOf("trials")}>
          <Input type="number" inputMode="numeric" value={trials} onChange={({ detail }) => setTrials(detail.value)} />
        </FormField>
        <FormField label="Checkpoint" errorText={errorOf("checkpoint")}>
          <CheckpointSelect model={model.id} value={checkpoint} onChange={setCheckpoint} />
        </FormField>
        <FormField label="Track" errorText={errorOf("track")}>
          <Select
            selectedOption={trackOptions.find((option) => option.value === track) ?? { value: track, label: track }}
            options={trackOptions}
            filteringType="auto"
            onChange={({ detail }) => setTrack(detail.selectedOption.value ?? model.track)}
          />
        </FormField>
        <RulesPart
          rules={rules}
          own={own}
          track={track}
          faults={{ ...faults, ...(fault.field.startsWith("race") ? { race: fault.message } : fault.field === "opponent" ? { opponent: fault.message } : {}) }}
          onChange={setRules}
        />
        <FormField label="Conditions" description="What differs from attempt to attempt: grip, motor, camera, light." errorText={errorOf("randomisation")}>
          <Select
            selectedOption={conditionOptions.find((option) => option.value === conditions) ?? SPECIFIED}
            options={conditionOptions}
            onChange={({ detail }) => setConditions(detail.selectedOption.value ?? OFF)}
          />
        </FormField>
        <Toggle checked={hasVideo} onChange={({ detail }) => setVideo(detail.checked)}>
          Film the best lap
        </Toggle>
        <div>
          <Toggle checked={hasInsight} onChange={({ detail }) => setInsight(detail.checked)}>
            Look into the network
          </Toggle>
          <Box variant="small">A second for three laps with the fast network; with the others some seconds for the best lap.</Box>
        </div>
      </SpaceBetween>
    </Modal>
  );
}
