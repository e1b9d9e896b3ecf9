/** What the reward function printed, by episode, and the calls in which it failed, each with the state that it was told. */
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { type ReactNode, useMemo, useState } from "react";

import { type RewardFailure, type RewardPrint, useRewardEvents } from "../../api/reward-events";
import { useEpisodes } from "../../api/queries";
import type { JobView, ModelDetail } from "../../api/types";
import { count, plural } from "../../format";
import { addressOfLaps } from "../../parts/lap-name";
import { Link } from "../../shell/link";
import { Empty } from "../../shell/states";

const PAGE = 10;
/** Where the service had the file is of no use to its author. */
const FOLDER = /^\S*[\\/](?=reward_function\.py)/;

export function RewardEvents({ model, training }: { model: ModelDetail; training: JobView }) {
  const prints = useRewardEvents<RewardPrint>(model.id, "reward_prints.jsonl");
  const failures = useRewardEvents<RewardFailure>(model.id, "reward_errors.jsonl");
  const nFailures = Number(training.progress["reward_errors"] ?? 0);
  const isOver = training.finished_at !== null;
  return (
    <>
      {(nFailures > 0 || (failures.data ?? []).length > 0) && (
        <Listed
          title="Failures of the reward function"
          count={Math.max(nFailures, failures.data?.length ?? 0)}
          description={isOver ? "Each with the state that the function was told." : "Each with the state that the function was told. The newest are listed after an update of the policy."}
          model={model.id}
          rows={failures.data ?? []}
          textOf={(row) => row.message}
          cell={(row) => <Failure row={row} />}
        />
      )}
      {(prints.data ?? []).length > 0 && (
        <Listed
          title="Prints of the reward function by episode"
          count={prints.data?.length ?? 0}
          description="What was printed in which step of which training episode."
          model={model.id}
          rows={prints.data ?? []}
          textOf={(row) => row.text}
          cell={(row) => <span className="printed">{row.text.trimEnd()}</span>}
        />
      )}
    </>
  );
}

interface ListedProps<Row> {
  title: string;
  description: string;
  count: number;
  model: string;
  rows: Row[];
  textOf: (row: Row) => string;
  cell: (row: Row) => ReactNode;
}

function Listed<Row extends { episode: number; step: number }>({ title, description, count: all, model, rows, textOf, cell }: ListedProps<Row>) {
  const [text, setText] = useState("");
  const [page, setPage] = useState(1);
  const episodes = useEpisodes(model).data;
  // An episode is numbered when it begins, and found by the number that it got at its end.
  const numbers = useMemo(() => new Map((episodes ?? []).map((row) => [row.episode, row.number])), [episodes]);
  const wanted = text.trim().toLowerCase();
  const episode = /^episode (\d+)$/.exec(wanted)?.[1];
  const found = rows.filter((row) => (episode === undefined ? textOf(row).toLowerCase().includes(wanted) : row.episode === Number(episode)));
  return (
    <Table
      variant="container"
      header={
        <Header variant="h2" counter={`(${count(all)})`} description={description}>
          {title}
        </Header>
      }
      filter={
        <TextFilter
          filteringText={text}
          filteringPlaceholder="Find a text, or “episode 12”"
          filteringAriaLabel={`Find in: ${title}`}
          countText={wanted ? plural(found.length, "line") : ""}
          onChange={({ detail }) => {
            setText(detail.filteringText);
            setPage(1);
          }}
        />
      }
      pagination={<Pagination currentPageIndex={page} pagesCount={Math.max(1, Math.ceil(found.length / PAGE))} onChange={({ detail }) => setPage(detail.currentPageIndex)} />}
      items={found.slice((page - 1) * PAGE, page * PAGE)}
      wrapLines
      empty={<Empty title={wanted ? "No line has this" : "None is listed yet"} />}
      columnDefinitions={[
        {
          id: "episode",
          header: "Episode",
          width: 110,
          cell: (row) => {
            const number = numbers.get(row.episode);
            if (number === undefined) return row.episode;
            return (
              <Link href={addressOfLaps([{ kind: "episode", model, number }])} ariaLabel={`Replay episode ${row.episode}`}>
                {row.episode}
              </Link>
            );
          },
        },
        { id: "step", header: "Step", width: 80, cell: (row) => <span className="numbers">{row.step}</span> },
        { id: "text", header: "What", minWidth: 280, cell },
      ]}
    />
  );
}

function Failure({ row }: { row: RewardFailure }) {
  return (
    <>
      <span className="printed">{row.message.replace(FOLDER, "")}</span>
      <State params={row.params} />
    </>
  );
}

/** What the function was told. */
export function State({ params }: { params: Record<string, unknown> }) {
  const names = Object.keys(params);
  if (names.length === 0) return null;
  return (
    <ExpandableSection variant="footer" headerText="The state that it was told">
      <dl className="told">
        {names.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{shortened(params[name])}</dd>
          </div>
        ))}
      </dl>
    </ExpandableSection>
  );
}

/** Numbers with as many digits as say something. */
function shortened(value: unknown): string {
  return typeof value === "number" ? String(Math.round(value * 1000) / 1000) : JSON.stringify(value);
}
