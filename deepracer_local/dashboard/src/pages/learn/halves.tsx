/** A step's words and buttons beside its picture; below each other where there is no room. */
import Grid from "@cloudscape-design/components/grid";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";

export function Halves({ children, picture }: { children: ReactNode; picture: ReactNode }) {
  return (
    <Grid gridDefinition={[{ colspan: { default: 12, xs: 6 } }, { colspan: { default: 12, xs: 6 } }]}>
      <SpaceBetween size="m">{children}</SpaceBetween>
      <div>{picture}</div>
    </Grid>
  );
}
