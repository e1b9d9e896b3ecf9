/** The family tree of a model: whose weights it began with, who began with its own, and what each changed. */
import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { useModel, useModels, useRandomisations, useRewardText } from "../../api/queries";
import { specOf } from "../../api/spec";
import type { ModelDetail, ModelView, RandomisationPreset } from "../../api/types";
import { lapTime, NOTHING } from "../../format";
import { settingsOf } from "../../parts/settings-of";
import { Status } from "../../parts/status";
import { TextDiff } from "../../parts/text-diff-view";
import { TrackName } from "../../parts/track-name";
import { Link } from "../../shell/link";
import { Loaded } from "../../shell/states";

/** As many models as the service lists at once; of a larger collection the newest. */
const ALL = { search: "", status: null, tag: null, sort: "CREATED_AT", descending: true, limit: 500, token: null } as const;

export function Family({ model }: { model: ModelDetail }) {
  return (
    <Loaded query={useModels(ALL)} what="the family">
      {({ models }) => {
        const root = rootOf(model, models);
        const isAlone = root.id === model.id && !models.some((one) => one.parent_id === model.id);
        if (isAlone && model.parent_id === null) return null;
        return (
          <Container header={<Header variant="h2" description="Each model under the one whose weights it began with, and what it changed.">Family</Header>}>
            <ul className="family">
              <Member model={root} all={models} here={model.id} />
            </ul>
          </Container>
        );
      }}
    </Loaded>
  );
}

function Member({ model, all, here }: { model: ModelView; all: ModelView[]; here: string }) {
  const children = all.filter((one) => one.parent_id === model.id).sort((a, b) => a.created_at.localeCompare(b.created_at));
  return (
    <li>
      <SpaceBetween direction="horizontal" size="xs">
        {model.id === here ? <strong aria-current="page">{model.name}</strong> : <Link href={`/models/${model.id}`}>{model.name}</Link>}
        {model.id === here && <Badge color="blue">this one</Badge>}
        <Status status={model.status} />
        <Box color="text-body-secondary">
          best lap <span className="numbers">{lapTime(model.best_lap_time_s)}</span>
        </Box>
      </SpaceBetween>
      {model.parent_id !== null && <Edge id={model.id} parentId={model.parent_id} checkpoint={model.parent_checkpoint} />}
      {children.length > 0 && (
        <ul className="family">
          {children.map((child) => (
            <Member key={child.id} model={child} all={all} here={here} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** What a model changed of its parent. */
function Edge({ id, parentId, checkpoint }: { id: string; parentId: string; checkpoint: string | null }) {
  const [own, parent] = [useModel(id), useModel(parentId)];
  const [reward, before] = [useRewardText(id), useRewardText(parentId)];
  const presets = useRandomisations().data?.presets ?? [];
  if (parent.isError) return <div className="changes">Began with a model that was deleted.</div>;
  if (!own.data || !parent.data || reward.data === undefined || before.data === undefined) return null;
  const changes = changesOf(own.data, parent.data, presets);
  const isOther = reward.data !== before.data;
  const isMoved = own.data.track !== parent.data.track;
  return (
    <div className="changes">
      <div>Began with its checkpoint {checkpoint ?? NOTHING}.</div>
      {isMoved && (
        <div>
          Track: <TrackName name={parent.data.track} /> → <TrackName name={own.data.track} />
        </div>
      )}
      {changes.map(({ label, old, now }) => (
        <div key={label}>
          {label}: {old} → {now}
        </div>
      ))}
      {isOther && (
        <ExpandableSection variant="footer" headerText="Another reward function">
          <TextDiff before={before.data} after={reward.data} label={`How the reward function of ${own.data.name} differs from that of ${parent.data.name}`} />
        </ExpandableSection>
      )}
      {!isOther && !isMoved && changes.length === 0 && <div>Nothing was changed.</div>}
    </div>
  );
}

function changesOf(model: ModelDetail, parent: ModelDetail, presets: RandomisationPreset[]): { label: string; old: string; now: string }[] {
  const old = new Map(settingsOf(specOf(parent), presets).map(({ label, value }) => [label, value]));
  const now = new Map(settingsOf(specOf(model), presets).map(({ label, value }) => [label, value]));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((label) => ({ label, old: old.get(label) ?? NOTHING, now: now.get(label) ?? NOTHING }))
    .filter((one) => one.old !== one.now);
}

/** Returns the oldest ancestor that is still there. */
function rootOf(model: ModelView, all: ModelView[]): ModelView {
  const byId = new Map(all.map((one) => [one.id, one]));
  let root = byId.get(model.id) ?? model;
  for (let parent = byId.get(root.parent_id ?? ""); parent !== undefined; parent = byId.get(root.parent_id ?? "")) root = parent;
  return root;
}
