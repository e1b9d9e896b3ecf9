/** What a page shows while it has nothing to show: it loads, there is none yet, or something went wrong. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import type { UseQueryResult } from "@tanstack/react-query";
import { Component, type ErrorInfo, type ReactNode } from "react";

import { ApiError, messageOf } from "../api/client";

export function Loading({ what }: { what: string }) {
  return (
    <Box textAlign="center" padding="l" color="text-body-secondary">
      <Spinner /> Loading {what} …
    </Box>
  );
}

/** `what` is missing; `next` says what to do about it. */
export function Empty({ title, next, children }: { title: string; next?: ReactNode; children?: ReactNode }) {
  return (
    <Box textAlign="center" padding={{ vertical: "l" }} color="inherit">
      <SpaceBetween size="xs">
        <Box variant="strong" color="inherit">
          {title}
        </Box>
        {next && (
          <Box variant="p" color="text-body-secondary">
            {next}
          </Box>
        )}
        {children}
      </SpaceBetween>
    </Box>
  );
}

export function Failure({ what, error, retry }: { what: string; error: unknown; retry?: () => void }) {
  const isSignedOut = error instanceof ApiError && error.isSignedOut;
  return (
    <Alert
      type="error"
      header={isSignedOut ? "You are signed out" : `Could not load ${what}`}
      action={retry && !isSignedOut ? <Button onClick={retry}>Try again</Button> : undefined}
    >
      {isSignedOut ? (
        <>
          Run <Box variant="code">deepracer-local jobs link</Box> on the service&apos;s machine and open its link here.
        </>
      ) : (
        messageOf(error)
      )}
    </Alert>
  );
}

/** Shows what a query has, or why it has nothing yet. */
export function Loaded<T>({ query, what, children }: { query: UseQueryResult<T>; what: string; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <Failure what={what} error={query.error} retry={() => void query.refetch()} />;
  return <Loading what={what} />;
}

interface BoundaryProps {
  children: ReactNode;
}

/** Keeps a fault of one page from taking the others away. A new `key` begins anew. */
export class ErrorBoundary extends Component<BoundaryProps, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error("page.failed", error, info.componentStack);
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <Box padding="l">
        <Alert
          type="error"
          header="This page has a fault"
          action={<Button onClick={() => window.location.reload()}>Load it again</Button>}
        >
          {messageOf(this.state.error)}. Nothing of your models is lost; trainings go on.
        </Alert>
      </Box>
    );
  }
}
