/** What the model was asked for: reward function, action space, hyperparameters; and how that differs from its parent. */
import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { lazy, Suspense } from "react";

import { useModel, useRewardText } from "../../api/queries";
import { specOf } from "../../api/spec";
import type { ModelDetail } from "../../api/types";
import { NOTHING, words } from "../../format";
import { ActionFan } from "../../parts/action-fan";
import { saidOf } from "../../parts/job-progress";
import { settingsOf } from "../../parts/settings-of";
import { Link } from "../../shell/link";
import { Empty, Loaded, Loading } from "../../shell/states";
import { spaceOf } from "../create/draft";
import { ImportLists } from "../import/import-lists";

const CodeEditor = lazy(() => import("../../parts/code-editor"));

export function SettingsTab({ model }: { model: ModelDetail }) {
  const spec = specOf(model);
  const space = spaceOf(spec.model_metadata);
  const actions = space.type === "discrete" ? space.actions.map((action, i) => ({ ...action, i })) : [];
  return (
    <SpaceBetween size="l">
      {model.imported && (
        <Container header={<Header variant="h2">Where it comes from</Header>}>
          <ImportLists report={model.imported} />
        </Container>
      )}
      {model.parent_id !== null && <Differences model={model} parentId={model.parent_id} />}
      <Loaded query={useRewardText(model.id)} what="the reward function">
        {(text) => (
          <Container
            header={
              <Header variant="h2" actions={<CopyToClipboard variant="button" copyButtonText="Copy" textToCopy={text} copySuccessText="Copied" copyErrorText="Could not copy" />}>
                Reward function
              </Header>
            }
          >
            <Suspense fallback={<Loading what="the code" />}>
              <CodeEditor label="Reward function, to read" value={text} minHeight="80px" maxHeight="420px" />
            </Suspense>
          </Container>
        )}
      </Loaded>
      <Container header={<Header variant="h2">Action space</Header>}>
        <Grid gridDefinition={[{ colspan: { default: 12, s: 5 } }, { colspan: { default: 12, s: 7 } }]}>
          <ActionFan space={space} />
          {space.type === "discrete" ? (
            <Table
              variant="borderless"
              contentDensity="compact"
              items={actions}
              trackBy={({ i }) => String(i)}
              ariaLabels={{ tableLabel: "Actions" }}
              columnDefinitions={[
                { id: "i", header: "Action", cell: ({ i }) => i, isRowHeader: true },
                { id: "angle", header: "Steering", cell: (action) => `${action.steering_angle}°` },
                { id: "speed", header: "Speed", cell: (action) => `${action.speed} m/s` },
              ]}
            />
          ) : (
            <ColumnLayout columns={2}>
              <Box>
                Steering from {space.steering.low}° to {space.steering.high}°
              </Box>
              <Box>
                Speed from {space.speed.low} to {space.speed.high} m/s
              </Box>
            </ColumnLayout>
          )}
        </Grid>
      </Container>
      <Container header={<Header variant="h2">Learning</Header>}>
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Ends after", value: saidOf(spec.stop) || NOTHING },
            ...settingsOf(spec).map(({ label, value }) => ({ label, value })),
          ]}
        />
      </Container>
    </SpaceBetween>
  );
}

function Differences({ model, parentId }: { model: ModelDetail; parentId: string }) {
  const parent = useModel(parentId);
  const reward = useRewardText(model.id);
  const before = useRewardText(parentId);
  if (parent.isError || parent.data === undefined) return null;
  const old = new Map(settingsOf(specOf(parent.data)).map(({ label, value }) => [label, value]));
  const changed = settingsOf(specOf(model))
    .filter(({ label, value }) => old.get(label) !== value)
    .map(({ label, value }) => ({ label, before: old.get(label) ?? NOTHING, now: value }));
  if (parent.data.track !== model.track) changed.unshift({ label: "Track", before: words(parent.data.track), now: words(model.track) });
  if (reward.data !== undefined && before.data !== undefined && reward.data !== before.data)
    changed.unshift({ label: "Reward function", before: "another", now: "the one below" });
  return (
    <Table
      variant="container"
      header={
        <Header variant="h2" description={<>Begins with checkpoint {model.parent_checkpoint} of <Link href={`/models/${parentId}`}>{parent.data.name}</Link>.</>}>
          Changed since its parent
        </Header>
      }
      items={changed}
      trackBy="label"
      empty={<Empty title="Nothing was changed" next="It goes on with the settings of its parent." />}
      columnDefinitions={[
        { id: "label", header: "Setting", cell: (row) => row.label, isRowHeader: true },
        { id: "before", header: "Parent", cell: (row) => row.before },
        { id: "now", header: "This model", cell: (row) => row.now },
      ]}
    />
  );
}
