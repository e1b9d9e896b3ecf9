/** Every file that the model left, to download. */
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { addressOf, call, messageOf } from "../../api/client";
import { useAssets } from "../../api/queries";
import type { AssetView, ExportReport, ExportView, ModelDetail } from "../../api/types";
import { bytes, count, words } from "../../format";
import { useNotifications } from "../../shell/notifications";
import { Empty, Failure } from "../../shell/states";

const PAGE = 20;

export function FilesTab({ model }: { model: ModelDetail }) {
  const assets = useAssets(model.id);
  const exports = useQuery({
    queryKey: ["model", model.id, "exports"],
    queryFn: ({ signal }) => call("GET /api/v1/models/{model_id}/exports", { params: { model_id: model.id }, signal }),
  });
  const made = exports.data?.exports.find(({ report }) => report.format === "car" && report.checkpoint === model.best_checkpoint);
  const [text, setText] = useState("");
  const [page, setPage] = useState(1);
  if (assets.isError) return <Failure what="the files" error={assets.error} retry={() => void assets.refetch()} />;
  const found = (assets.data?.assets ?? []).filter((asset) => asset.name.toLowerCase().includes(text.trim().toLowerCase()));
  const address = (asset: AssetView) => addressOf("GET /api/v1/models/{model_id}/assets/{name}", { params: { model_id: model.id, name: asset.name } });
  return (
    <Table
      variant="container"
      header={
        <Header
          variant="h2"
          description={made ? tested(made.report) : undefined}
          counter={assets.data ? `(${assets.data.assets.length})` : ""}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button href={addressOf("GET /api/v1/models/{model_id}/export", { params: { model_id: model.id } })} download={`${model.name}.yaml`} iconName="download">
                Settings as YAML
              </Button>
              <CarButton model={model} made={made} why={exports.data?.why_not_on_the_car ?? null} />
              <Button disabled={model.best_checkpoint === null} href={addressOf("GET /api/v1/models/{model_id}/archive", { params: { model_id: model.id } })} download iconName="download">
                Model as tar.gz
              </Button>
            </SpaceBetween>
          }
        >
          Files
        </Header>
      }
      filter={
        <TextFilter
          filteringText={text}
          filteringPlaceholder="Find a file"
          filteringAriaLabel="Find a file"
          onChange={({ detail }) => {
            setText(detail.filteringText);
            setPage(1);
          }}
        />
      }
      pagination={<Pagination currentPageIndex={page} pagesCount={Math.max(1, Math.ceil(found.length / PAGE))} onChange={({ detail }) => setPage(detail.currentPageIndex)} />}
      loading={assets.isLoading}
      loadingText="Loading the files"
      items={found.slice((page - 1) * PAGE, page * PAGE)}
      trackBy="name"
      empty={<Empty title={text ? "No file fits" : "No files yet"} next={text ? undefined : "They appear while it trains: checkpoints, traces, plots."} />}
      columnDefinitions={[
        { id: "name", header: "Name", isRowHeader: true, minWidth: 240, cell: (asset) => <Button variant="inline-link" href={address(asset)} download>{asset.name}</Button> },
        { id: "kind", header: "Kind", cell: (asset) => words(asset.kind) },
        { id: "size", header: "Size", cell: (asset) => <span className="numbers">{bytes(asset.size)}</span> },
      ]}
    />
  );
}

/** The archive of the best checkpoint where it is there, else the way to have it made. */
function CarButton({ model, made, why }: { model: ModelDetail; made: ExportView | undefined; why: string | null }) {
  const [isBusy, setBusy] = useState(false);
  const client = useQueryClient();
  const { notify } = useNotifications();
  const isWaiting = model.jobs.some((job) => job.kind === "EXPORT" && job.finished_at === null);
  if (made) {
    return (
      <Button href={addressOf("GET /api/v1/models/{model_id}/assets/physical-car", { params: { model_id: model.id } })} download iconName="download">
        For the physical car
      </Button>
    );
  }
  const make = async () => {
    setBusy(true);
    try {
      await call("POST /api/v1/models/{model_id}/exports", { params: { model_id: model.id }, body: {}, idempotencyKey: crypto.randomUUID() });
      void client.invalidateQueries({ queryKey: ["model", model.id] });
      notify({ type: "success", content: "The archive for the physical car is being made and tested; it can be downloaded here in a few seconds." });
    } catch (error) {
      notify({ type: "error", content: messageOf(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button disabled={model.best_checkpoint === null || why !== null} disabledReason={why ?? "There is no checkpoint yet."} loading={isBusy || isWaiting} loadingText="The archive is being made" onClick={() => void make()}>
      Make for the physical car
    </Button>
  );
}

function tested(report: ExportReport): string {
  const agreement = `${(100 * report.agreement).toFixed(1)} %`;
  return `The physical car's archive chose the network's action on ${agreement} of ${count(report.frames)} pictures of a lap; largest difference ${report.largest_difference.toExponential(1)}.`;
}
