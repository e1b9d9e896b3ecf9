/** All tracks with their pictures and measures, and a place to add one. */
import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Cards from "@cloudscape-design/components/cards";
import FileUpload from "@cloudscape-design/components/file-upload";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { ApiError, call, messageOf } from "../api/client";
import { useTracks } from "../api/queries";
import type { TrackView } from "../api/types";
import { metres, words } from "../format";
import { Confirm } from "../parts/confirm";
import { difficultyOf, hardnessOf } from "../parts/difficulty";
import { TrackFilter, useFitting, useTrackChoice } from "../parts/track-choice";
import { TrackPicture } from "../parts/track-picture";
import { useFollow } from "../shell/link";
import { useNotifications } from "../shell/notifications";
import { useCrumbs } from "../shell/shell";
import { Empty, Failure } from "../shell/states";

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export default function TracksPage() {
  useCrumbs({ text: "Tracks", href: "/tracks" });
  const query = useTracks();
  const follow = useFollow();
  const choice = useTrackChoice();
  const tracks = useFitting(query.data?.tracks, choice);
  const [isAdding, setAdding] = useState(false);
  const [doomed, setDoomed] = useState<TrackView | null>(null);
  const client = useQueryClient();
  const { notify, fail } = useNotifications();
  const remove = async (track: TrackView) => {
    try {
      await call("DELETE /api/v1/tracks/{name}", { params: { name: track.name } });
      notify({ type: "success", content: `Deleted ${track.title}.` });
    } catch (error) {
      fail(`delete ${track.title}`, error);
    }
    await client.invalidateQueries({ queryKey: ["tracks"] });
  };
  if (query.isError) return <Failure what="the tracks" error={query.error} retry={() => void query.refetch()} />;
  return (
    <>
      <Cards
        variant="full-page"
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={query.data ? `(${query.data.tracks.length})` : ""}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button onClick={() => setAdding(true)}>Add a track</Button>
                <Button variant="primary" href="/tracks/draw" onFollow={follow}>
                  Draw a track
                </Button>
              </SpaceBetween>
            }
          >
            Tracks
          </Header>
        }
        filter={<TrackFilter choice={choice} />}
        items={tracks}
        trackBy="name"
        loading={query.isLoading}
        loadingText="Loading the tracks"
        empty={<Empty title="No track fits" next="None of this difficulty has this in its name or description." />}
        cardsPerRow={[{ cards: 1 }, { minWidth: 560, cards: 2 }, { minWidth: 900, cards: 3 }, { minWidth: 1300, cards: 4 }]}
        cardDefinition={{
          header: (track) => (
            <SpaceBetween direction="horizontal" size="xs">
              <Box variant="h3" tagOverride="h2" padding="n">
                {track.title}
              </Box>
              {!track.is_builtin && <Badge color="green">yours</Badge>}
            </SpaceBetween>
          ),
          sections: [
            { id: "picture", content: (track) => <TrackPicture name={track.name} title={track.title} /> },
            { id: "description", content: (track) => track.description },
            { id: "measures", content: (track) => <Measures track={track} /> },
            {
              id: "action",
              content: (track) => (
                <SpaceBetween direction="horizontal" size="xs">
                  <Button href={`/create?track=${encodeURIComponent(track.name)}`} onFollow={follow} ariaLabel={`Train on ${track.title}`}>
                    Train here
                  </Button>
                  {!track.is_builtin && (
                    <Button ariaLabel={`Delete ${track.title}`} onClick={() => setDoomed(track)}>
                      Delete
                    </Button>
                  )}
                </SpaceBetween>
              ),
            },
          ],
        }}
      />
      {isAdding && <AddTrack onClose={() => setAdding(false)} />}
      {doomed && (
        <Confirm title={`Delete ${doomed.title}?`} verb="Delete" onClose={() => setDoomed(null)} onConfirm={() => remove(doomed)}>
          Nothing can be trained on it any more. Models that were keep their copy of it.
        </Confirm>
      )}
    </>
  );
}

export function Measures({ track }: { track: TrackView }) {
  return (
    <Box color="text-body-secondary" fontSize="body-s">
      <span className="numbers">
        {metres(track.length_m)} long, {metres(track.width_m, 2)} wide,{" "}
        {track.min_radius_m === null ? "no bend" : `tightest bend ${metres(track.min_radius_m, 2)}`}
      </span>
      <br />
      {words(track.direction)}, {difficultyOf(track)} <span title="0 is the easiest, 100 the hardest: by the tightest bend and the width of the road">({hardnessOf(track)} of 100)</span>
    </Box>
  );
}

function AddTrack({ onClose }: { onClose: () => void }) {
  const [files, setFiles] = useState<File[]>([]);
  const [name, setName] = useState("");
  const [fault, setFault] = useState<{ field: string; message: string } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const client = useQueryClient();
  const { notify } = useNotifications();
  const file = files[0];
  const isName = NAME.test(name);
  const add = async () => {
    if (!file || !isName) {
      setFault(file ? { field: "name", message: "Expected letters, digits, hyphens and underscores, at most 64." } : { field: "file", message: "Choose a .npy file." });
      return;
    }
    setBusy(true);
    const form = new FormData();
    form.set("name", name);
    form.set("file", file);
    try {
      const track = await call("POST /api/v1/tracks", { form });
      await client.invalidateQueries({ queryKey: ["tracks"] });
      notify({ type: "success", content: `Added ${track.title}: ${metres(track.length_m)} long.` });
      onClose();
    } catch (error) {
      setFault({ field: error instanceof ApiError && error.field === "name" ? "name" : "file", message: messageOf(error) });
    }
    setBusy(false);
  };
  return (
    <Modal
      visible
      header="Add a track"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" loading={isBusy} onClick={() => void add()}>
              Add
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <FormField
          label="File"
          description="A track of the community: rows of centre, inner and outer border in metres (six columns)."
          errorText={fault?.field === "file" ? fault.message : ""}
        >
          <FileUpload
            value={files}
            accept=".npy"
            constraintText=".npy, at most 4 MB"
            onChange={({ detail }) => {
              setFiles(detail.value);
              setFault(null);
              const first = detail.value[0];
              if (first && name === "") setName(first.name.replace(/\.npy$/i, "").replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64));
            }}
            i18nStrings={{
              uploadButtonText: (many) => (many ? "Choose files" : "Choose a file"),
              dropzoneText: () => "Drop the file here",
              removeFileAriaLabel: () => "Remove the file",
              limitShowFewer: "Show fewer",
              limitShowMore: "Show more",
              errorIconAriaLabel: "Error",
            }}
          />
        </FormField>
        <FormField label="Name" constraintText="Letters, digits, hyphens and underscores." errorText={fault?.field === "name" ? fault.message : ""}>
          <Input value={name} onChange={({ detail }) => setName(detail.value)} />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}
