/** Bringing in a model from an archive: the file, its name and track, and then what was taken of it and what not. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FileUpload from "@cloudscape-design/components/file-upload";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { ApiError, call, messageOf } from "../../api/client";
import { useTracks } from "../../api/queries";
import type { ModelDetail } from "../../api/types";
import { useFollow } from "../../shell/link";
import { ImportLists } from "./import-lists";

const AS_TOLD = { value: "", label: "The one that the archive names" };

export function ImportModal({ onClose }: { onClose: () => void }) {
  const [model, setModel] = useState<ModelDetail | null>(null);
  if (model?.imported) return <Imported model={model} onClose={onClose} />;
  return <Wish onDone={setModel} onClose={onClose} />;
}

function Wish({ onDone, onClose }: { onDone: (model: ModelDetail) => void; onClose: () => void }) {
  const [files, setFiles] = useState<File[]>([]);
  const [name, setName] = useState("");
  const [track, setTrack] = useState("");
  const [fault, setFault] = useState<{ field: string; message: string } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const client = useQueryClient();
  const sending = useRef<AbortController | null>(null);
  const tracks = [AS_TOLD, ...(useTracks().data?.tracks ?? []).map((one) => ({ value: one.name, label: one.title }))];
  const file = files[0];
  const close = () => {
    sending.current?.abort();
    onClose();
  };
  const bring = async () => {
    if (!file) {
      setFault({ field: "file", message: "Choose an archive." });
      return;
    }
    setBusy(true);
    setFault(null);
    const form = new FormData();
    if (name) form.set("name", name);
    if (track) form.set("track", track);
    form.set("file", file);
    sending.current = new AbortController();
    try {
      const model = await call("POST /api/v1/models/import", { form, signal: sending.current.signal });
      void client.invalidateQueries({ queryKey: ["models"] });
      onDone(model);
    } catch (error) {
      const field = error instanceof ApiError && ["name", "track"].includes(error.field ?? "") ? (error.field ?? "file") : "file";
      setFault({ field, message: messageOf(error) });
      setBusy(false);
    }
  };
  return (
    <Modal
      visible
      header="Import a model"
      onDismiss={close}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={close}>
              Cancel
            </Button>
            <Button variant="primary" loading={isBusy} loadingText="Reading the archive" onClick={() => void bring()}>
              Import
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <FormField
          label="Archive"
          description="An export of this program, a model folder of the console or of deepracer-for-cloud, or an archive for the physical car. Nothing in it is run."
          errorText={fault?.field === "file" ? fault.message : ""}
        >
          <FileUpload
            value={files}
            accept=".gz,.tar,.zip,.tgz"
            constraintText=".tar.gz, .tar or .zip, at most 400 MB"
            onChange={({ detail }) => {
              setFiles(detail.value);
              setFault(null);
              const first = detail.value[0];
              if (first && name === "") setName((first.name.split(".")[0] ?? "").replace(/[^A-Za-z0-9 _-]/g, "-").replace(/^[ _-]+/, "").slice(0, 64));
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
        <FormField label="Name" errorText={fault?.field === "name" ? fault.message : ""}>
          <Input value={name} onChange={({ detail }) => setName(detail.value)} />
        </FormField>
        <FormField label="Track" description="Choose one where the archive's is not here." errorText={fault?.field === "track" ? fault.message : ""}>
          <Select
            selectedOption={tracks.find((option) => option.value === track) ?? AS_TOLD}
            options={tracks}
            filteringType="auto"
            onChange={({ detail }) => setTrack(detail.selectedOption.value ?? "")}
          />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}

function Imported({ model, onClose }: { model: ModelDetail; onClose: () => void }) {
  const follow = useFollow();
  const report = model.imported;
  if (!report) return null;
  return (
    <Modal
      visible
      size="large"
      header={`Imported ${model.name}`}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Close
            </Button>
            <Button variant="primary" href={`/models/${model.id}`} onFollow={follow}>
              Open the model
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {report.has_weights ? (
          <Alert type="success">It came with weights: evaluate it, or clone it to train on.</Alert>
        ) : (
          <Alert type="warning">It came without weights that can be used: clone it to train it from the beginning.</Alert>
        )}
        <ImportLists report={report} />
      </SpaceBetween>
    </Modal>
  );
}
