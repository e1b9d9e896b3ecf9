/** What the model was asked for: reward function, action space, hyperparameters; and what it changed of its parent. */
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

import { useRandomisations, useRewardText } from "../../api/queries";
import { specOf } from "../../api/spec";
import type { ModelDetail } from "../../api/types";
import { NOTHING } from "../../format";
import { ActionFan } from "../../parts/action-fan";
import { saidOf } from "../../parts/job-progress";
import { settingsOf } from "../../parts/settings-of";
import { Loaded, Loading } from "../../shell/states";
import { spaceOf } from "../create/draft";
import { ImportLists } from "../import/import-lists";
import { Family } from "./family";

const CodeEditor = lazy(() => import("../../parts/code-editor"));

export function SettingsTab({ model }: { model: ModelDetail }) {
  const spec = specOf(model);
  const presets = useRandomisations().data?.presets ?? [];
  const space = spaceOf(spec.model_metadata);
  const actions = space.type === "discrete" ? space.actions.map((action, i) => ({ ...action, i })) : [];
  return (
    <SpaceBetween size="l">
      {model.imported && (
        <Container header={<Header variant="h2">Where it comes from</Header>}>
          <ImportLists report={model.imported} />
        </Container>
      )}
      <Family model={model} />
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
            ...settingsOf(spec, presets),
          ]}
        />
      </Container>
    </SpaceBetween>
  );
}
