/** All models: search, filter, sort, tags, delete many, compare some. The service searches and sorts, so many are no slower. */
import Badge from "@cloudscape-design/components/badge";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import Token from "@cloudscape-design/components/token";
import { useDeferredValue, useState } from "react";
import { useLocation } from "wouter";

import { messageOf } from "../api/client";
import { useModels } from "../api/queries";
import type { ModelSort, ModelStatus, ModelView } from "../api/types";
import { dateTime, lapTime, plural, relative, words } from "../format";
import { Confirm } from "../parts/confirm";
import { useModelActions } from "../parts/model-actions";
import { TrackName } from "../parts/track-name";
import { Status } from "../parts/status";
import { Link, useFollow } from "../shell/link";
import { useCrumbs } from "../shell/shell";
import { Empty } from "../shell/states";
import { ImportModal } from "./import/import-modal";

const PAGE = 25;
export const MOST_COMPARED = 6;
const ANY = { value: "", label: "Any status" };
const STATUSES: ModelStatus[] = ["QUEUED", "TRAINING", "EVALUATING", "STOPPING", "PAUSED", "READY", "ERROR"];
const STATUS_OPTIONS = [ANY, ...STATUSES.map((status) => ({ value: status, label: words(status) }))];

export default function ModelsPage() {
  useCrumbs({ text: "Models", href: "/models" });
  const follow = useFollow();
  const [, navigate] = useLocation();
  const { remove } = useModelActions();
  const [text, setText] = useState("");
  const [status, setStatus] = useState<ModelStatus | null>(null);
  const [tag, setTag] = useState<string | null>(null);
  const [sort, setSort] = useState<{ by: ModelSort; descending: boolean }>({ by: "CREATED_AT", descending: true });
  // The tokens of the pages up to the one shown: a list that is read by tokens goes forwards, and back by memory.
  const [tokens, setTokens] = useState<(string | null)[]>([null]);
  const [chosen, setChosen] = useState<ModelView[]>([]);
  const [isDeleting, setDeleting] = useState(false);
  const [isImporting, setImporting] = useState(false);
  const search = useDeferredValue(text);
  const query = useModels({ search, status, tag, sort: sort.by, descending: sort.descending, limit: PAGE, token: tokens.at(-1) ?? null });
  const models = query.data?.models ?? [];
  const isFiltered = search !== "" || status !== null || tag !== null;

  const anew = <T,>(set: (value: T) => void) => (value: T) => {
    set(value);
    setTokens([null]);
  };
  const clear = () => {
    setText("");
    setStatus(null);
    setTag(null);
    setTokens([null]);
  };
  const columns: TableProps.ColumnDefinition<ModelView>[] = [
    { id: "NAME", header: "Name", sortingField: "NAME", cell: (model) => <Link href={`/models/${model.id}`}>{model.name}</Link>, isRowHeader: true, minWidth: 160 },
    { id: "STATUS", header: "Status", sortingField: "STATUS", cell: (model) => <Status status={model.status} />, minWidth: 120 },
    { id: "track", header: "Track", cell: (model) => <TrackName name={model.track} />, minWidth: 120 },
    { id: "BEST_LAP_TIME", header: "Best lap", sortingField: "BEST_LAP_TIME", cell: (model) => <span className="numbers nowrap">{lapTime(model.best_lap_time_s)}</span>, minWidth: 110 },
    { id: "tags", header: "Tags", cell: (model) => <Tags tags={model.tags} onChoose={anew(setTag)} />, minWidth: 120 },
    { id: "description", header: "Description", cell: (model) => model.description || "–", minWidth: 160 },
    { id: "CREATED_AT", header: "Made", sortingField: "CREATED_AT", cell: (model) => <span className="nowrap" title={dateTime(model.created_at)}>{relative(model.created_at)}</span>, minWidth: 130 },
  ];

  return (
    <>
      <Table
        variant="full-page"
        stickyHeader
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={chosen.length > 0 ? `(${chosen.length} chosen)` : ""}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={chosen.length === 0} onClick={() => setDeleting(true)}>
                  Delete
                </Button>
                <Button
                  disabled={chosen.length < 2 || chosen.length > MOST_COMPARED}
                  disabledReason={`Choose 2 to ${MOST_COMPARED} models to compare them`}
                  onClick={() => navigate(`/models/compare?ids=${chosen.map((model) => model.id).join(",")}`)}
                >
                  Compare
                </Button>
                <Button iconName="upload" onClick={() => setImporting(true)}>
                  Import
                </Button>
                <Button variant="primary" href="/create" onFollow={follow}>
                  Train a model
                </Button>
              </SpaceBetween>
            }
          >
            Models
          </Header>
        }
        filter={
          <SpaceBetween direction="horizontal" size="xs">
            <TextFilter
              filteringText={text}
              filteringPlaceholder="Find by name or description"
              filteringAriaLabel="Find models"
              countText={search && query.data ? plural(models.length, "match").replace("matchs", "matches") : ""}
              onChange={({ detail }) => anew(setText)(detail.filteringText.slice(0, 100))}
            />
            <Select
              ariaLabel="Status"
              selectedOption={STATUS_OPTIONS.find((option) => option.value === (status ?? "")) ?? ANY}
              options={STATUS_OPTIONS}
              onChange={({ detail }) => anew(setStatus)((detail.selectedOption.value || null) as ModelStatus | null)}
            />
            {tag !== null && <Token label={`Tag: ${tag}`} dismissLabel={`All tags, not only ${tag}`} onDismiss={() => anew(setTag)(null)} />}
          </SpaceBetween>
        }
        pagination={
          <Pagination
            currentPageIndex={tokens.length}
            pagesCount={tokens.length}
            openEnd={query.data?.next_token != null}
            onNextPageClick={() => setTokens((all) => (query.data?.next_token ? [...all, query.data.next_token] : all))}
            onPreviousPageClick={() => setTokens((all) => (all.length > 1 ? all.slice(0, -1) : all))}
            onChange={({ detail }) => setTokens((all) => (detail.currentPageIndex <= all.length ? all.slice(0, detail.currentPageIndex) : all))}
          />
        }
        items={models}
        trackBy="id"
        loading={query.isLoading}
        loadingText="Loading the models"
        columnDefinitions={columns}
        sortingColumn={{ sortingField: sort.by }}
        sortingDescending={sort.descending}
        onSortingChange={({ detail }) => anew(setSort)({ by: detail.sortingColumn.sortingField as ModelSort, descending: detail.isDescending ?? false })}
        selectionType="multi"
        selectedItems={chosen}
        onSelectionChange={({ detail }) => setChosen(detail.selectedItems)}
        ariaLabels={{
          selectionGroupLabel: "Choose models",
          allItemsSelectionLabel: () => "All on this page",
          itemSelectionLabel: (_, model) => model.name,
        }}
        empty={
          query.isError ? (
            <Empty title="The models could not be loaded" next={messageOf(query.error)}>
              <Button onClick={() => void query.refetch()}>Try again</Button>
            </Empty>
          ) : isFiltered ? (
            <Empty title="No model fits" next="None has all that you asked for.">
              <Button onClick={clear}>Show all models</Button>
            </Empty>
          ) : (
            <Empty title="No models yet" next="A model is what a training leaves: a driver.">
              <Button href="/create" onFollow={follow}>
                Train a model
              </Button>
            </Empty>
          )
        }
      />
      {isImporting && <ImportModal onClose={() => setImporting(false)} />}
      {isDeleting && (
        <Confirm
          title={chosen.length === 1 ? "Delete this model?" : `Delete ${chosen.length} models?`}
          verb="Delete"
          onClose={() => setDeleting(false)}
          onConfirm={async () => {
            const left = await remove(chosen);
            setChosen((all) => all.filter((model) => left.includes(model.id)));
          }}
        >
          Weights, laps, logs and videos of these go with them and cannot be brought back:
          <ul>
            {chosen.map((model) => (
              <li key={model.id}>{model.name}</li>
            ))}
          </ul>
          A model that trains has to be stopped first.
        </Confirm>
      )}
    </>
  );
}

function Tags({ tags, onChoose }: { tags: string[]; onChoose: (tag: string) => void }) {
  if (tags.length === 0) return <>–</>;
  return (
    <SpaceBetween direction="horizontal" size="xxs">
      {tags.map((tag) => (
        <button key={tag} type="button" className="tag" aria-label={`Only models with the tag ${tag}`} onClick={() => onChoose(tag)}>
          <Badge color="blue">{tag}</Badge>
        </button>
      ))}
    </SpaceBetween>
  );
}
