/** How the service is: health, room, slots, version; and what can be done about it. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { call } from "../api/client";
import { useLinkState } from "../api/live";
import { useHealth, useSettings, useUsage } from "../api/queries";
import type { CleanedUp, Readiness, ServiceSettings } from "../api/types";
import { bytes, count, plural, words } from "../format";
import { Confirm } from "../parts/confirm";
import { useNotifications } from "../shell/notifications";
import { useCrumbs } from "../shell/shell";
import { Empty, Loaded } from "../shell/states";

const MOST_SLOTS = 256;

export default function SystemPage() {
  useCrumbs({ text: "System", href: "/system" });
  const health = useHealth();
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          actions={
            <Button iconName="refresh" loading={health.isFetching} onClick={() => void health.refetch()}>
              Check again
            </Button>
          }
        >
          System
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Loaded query={health} what="the state of the service">
          {(readiness) => <Health readiness={readiness} />}
        </Loaded>
        <ColumnLayout columns={2}>
          <Loaded query={useSettings()} what="the settings">
            {(settings) => <Slots key={settings.slots} settings={settings} />}
          </Loaded>
          <SignIn />
        </ColumnLayout>
        <Storage />
      </SpaceBetween>
    </ContentLayout>
  );
}

function Health({ readiness }: { readiness: Readiness }) {
  const link = useLinkState();
  return (
    <Container header={<Header variant="h2">Health</Header>}>
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={3}
          items={[
            {
              label: "Service",
              value: readiness.is_ready ? <StatusIndicator>Ready</StatusIndicator> : <StatusIndicator type="error">Not ready</StatusIndicator>,
            },
            { label: "Version", value: readiness.version },
            {
              label: "Live events",
              value: link === "open" ? <StatusIndicator>Connected</StatusIndicator> : <StatusIndicator type="warning">{words(link)}</StatusIndicator>,
            },
          ]}
        />
        <Table
          variant="embedded"
          items={readiness.parts}
          trackBy="name"
          ariaLabels={{ tableLabel: "Parts of the service" }}
          columnDefinitions={[
            { id: "name", header: "Part", cell: (part) => words(part.name), isRowHeader: true, width: 180 },
            {
              id: "state",
              header: "State",
              cell: (part) => <StatusIndicator type={part.is_healthy ? "success" : "error"}>{part.message === "good" ? "Good" : part.message}</StatusIndicator>,
            },
            { id: "time", header: "Answered after", cell: (part) => <span className="numbers">{part.milliseconds.toFixed(1)} ms</span>, width: 150 },
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

function Slots({ settings }: { settings: ServiceSettings }) {
  const [text, setText] = useState(settings.slots == null ? "" : String(settings.slots));
  const [isBusy, setBusy] = useState(false);
  const client = useQueryClient();
  const { notify, fail } = useNotifications();
  const slots = text === "" ? null : Number(text);
  const isWrong = slots !== null && !(Number.isInteger(slots) && slots >= 1 && slots <= MOST_SLOTS);
  const save = async () => {
    setBusy(true);
    try {
      client.setQueryData(["settings"], await call("PATCH /api/v1/settings", { body: { slots } }));
      notify({ type: "success", content: "Saved. Runners follow with their next job; what runs is left alone." });
    } catch (error) {
      fail("save the slots", error);
    }
    setBusy(false);
  };
  return (
    <Container header={<Header variant="h2">Slots</Header>}>
      <SpaceBetween size="m">
        <FormField
          label="Jobs side by side"
          description="In each runner. More than one per core makes each slower."
          constraintText="1 to 256; empty for what the service was started with."
          errorText={isWrong ? `Expected a whole number from 1 to ${MOST_SLOTS}.` : ""}
        >
          <Input type="number" inputMode="numeric" value={text} placeholder="as it was started" onChange={({ detail }) => setText(detail.value)} />
        </FormField>
        <Button disabled={isWrong || slots === (settings.slots ?? null)} loading={isBusy} onClick={() => void save()}>
          Save
        </Button>
      </SpaceBetween>
    </Container>
  );
}

function SignIn() {
  const [link, setLink] = useState("");
  const { fail } = useNotifications();
  const make = async () => {
    try {
      const { path } = await call("POST /api/v1/links");
      setLink(new URL(path ?? "/", window.location.href).href);
    } catch (error) {
      fail("make a link", error);
    }
  };
  return (
    <Container header={<Header variant="h2">Another browser</Header>}>
      <SpaceBetween size="m">
        <Box variant="p">A link signs another browser in as you. It works once, within a minute, on this machine or through an SSH tunnel.</Box>
        <Button onClick={() => void make()}>Make a link</Button>
        {link && <CopyToClipboard variant="inline" textToCopy={link} copySuccessText="Copied" copyErrorText="Could not copy" copyButtonAriaLabel="Copy the link" />}
      </SpaceBetween>
    </Container>
  );
}

function Storage() {
  const usage = useUsage();
  const client = useQueryClient();
  const { notify, fail } = useNotifications();
  const [found, setFound] = useState<CleanedUp | null>(null);
  const cleanUp = async (isTrial: boolean) => {
    try {
      const answer = await call("POST /api/v1/clean-up", { body: { dry_run: isTrial } });
      if (isTrial) setFound(answer);
      else notify({ type: "success", content: `Freed ${bytes(answer.freed_bytes)}.` });
    } catch (error) {
      fail("clean up", error);
    }
    if (!isTrial) void client.invalidateQueries({ queryKey: ["usage"] });
  };
  return (
    <Loaded query={usage} what="the use of storage">
      {({ total_bytes, bytes_by_kind }) => (
        <Table
          variant="container"
          header={
            <Header
              variant="h2"
              description={`Your models take ${bytes(total_bytes)} in the artifact store.`}
              actions={<Button onClick={() => void cleanUp(true)}>Clean up</Button>}
            >
              Storage
            </Header>
          }
          items={Object.entries(bytes_by_kind).sort(([, a], [, b]) => b - a)}
          trackBy={([kind]) => kind}
          empty={<Empty title="Nothing is stored yet" next="Trainings leave checkpoints, traces and videos here." />}
          columnDefinitions={[
            { id: "kind", header: "Kind", cell: ([kind]) => words(kind), isRowHeader: true },
            { id: "size", header: "Size", cell: ([, size]) => <span className="numbers">{bytes(size)}</span> },
            { id: "share", header: "Share", cell: ([, size]) => <span className="numbers">{count((100 * size) / total_bytes)} %</span> },
          ]}
          footer={
            found && (
              <Confirm
                title="Clean up?"
                verb={`Free ${bytes(found.freed_bytes)}`}
                onClose={() => setFound(null)}
                onConfirm={() => cleanUp(false)}
              >
                What nobody needs any more and is older than a day: {plural(found.artifacts, "file")} of no model (
                {bytes(found.artifact_bytes)}), {plural(found.run_directories, "folder")} of jobs that are over (
                {bytes(found.run_directory_bytes)}), {plural(found.refused, "file")} that the store refused ({bytes(found.refused_bytes)}).
                Models stay as they are.
              </Confirm>
            )
          }
        />
      )}
    </Loaded>
  );
}
