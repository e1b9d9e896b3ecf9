/** What an import took over, and what it did not, with the reasons. */
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";

import type { ImportReport } from "../../api/types";

export function ImportLists({ report }: { report: ImportReport }) {
  return (
    <SpaceBetween size="m">
      <Box>
        From <b>{report.file}</b>, {report.origin}. Taken: {report.taken.join(", ") || "nothing"}.
      </Box>
      <Table
        variant="borderless"
        contentDensity="compact"
        wrapLines
        items={report.not_taken}
        trackBy="name"
        ariaLabels={{ tableLabel: "Not taken" }}
        columnDefinitions={[
          { id: "name", header: "Not taken", cell: (one) => one.name, isRowHeader: true, minWidth: 200 },
          { id: "reason", header: "Why", cell: (one) => one.reason, minWidth: 240 },
        ]}
        empty={<Box color="text-body-secondary">Everything was taken.</Box>}
      />
    </SpaceBetween>
  );
}
