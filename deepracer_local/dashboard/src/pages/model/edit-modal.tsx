/** Name, description and tags of a model. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { ApiError, call, messageOf } from "../../api/client";
import type { ModelDetail } from "../../api/types";

const FIELDS = ["name", "description", "tags"] as const;
const LABELS = { name: "Name", description: "Description", tags: "Tags" };
const RULES = {
  name: "1 to 64 letters, digits, spaces, dots, hyphens and underscores.",
  description: "At most 255 characters.",
  tags: "Separated by commas; letters, digits, hyphens and underscores.",
};

export function EditModal({ model, onClose }: { model: ModelDetail; onClose: () => void }) {
  const [values, setValues] = useState({ name: model.name, description: model.description, tags: model.tags.join(", ") });
  const [fault, setFault] = useState({ field: "", message: "" });
  const [isBusy, setBusy] = useState(false);
  const client = useQueryClient();
  const save = async () => {
    setBusy(true);
    try {
      const tags = values.tags.split(",").map((tag) => tag.trim()).filter(Boolean);
      await call("PATCH /api/v1/models/{model_id}", { params: { model_id: model.id }, body: { ...values, tags } });
      for (const queryKey of [["model", model.id], ["models"]]) void client.invalidateQueries({ queryKey });
      onClose();
    } catch (error) {
      setFault({ field: (error instanceof ApiError && error.field?.split(".")[0]) || "name", message: messageOf(error) });
    }
    setBusy(false);
  };
  return (
    <Modal
      visible
      header="Rename, describe, tag"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" loading={isBusy} onClick={() => void save()}>
              Save
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {FIELDS.map((field) => (
          <FormField key={field} label={LABELS[field]} constraintText={RULES[field]} errorText={fault.field === field ? fault.message : ""}>
            <Input value={values[field]} onChange={({ detail }) => setValues((all) => ({ ...all, [field]: detail.value }))} />
          </FormField>
        ))}
      </SpaceBetween>
    </Modal>
  );
}
