/** Every file that the model left, to download. */
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useState } from "react";

import { addressOf } from "../../api/client";
import { useAssets } from "../../api/queries";
import type { AssetView, ModelDetail } from "../../api/types";
import { bytes, words } from "../../format";
import { Empty, Failure } from "../../shell/states";

const PAGE = 20;

export function FilesTab({ model }: { model: ModelDetail }) {
  const assets = useAssets(model.id);
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
          counter={assets.data ? `(${assets.data.assets.length})` : ""}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button href={addressOf("GET /api/v1/models/{model_id}/export", { params: { model_id: model.id } })} download={`${model.name}.yaml`} iconName="download">
                Settings as YAML
              </Button>
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
