/** Links inside the page: they change the address without loading it anew, and open in a tab when asked to. */
import CloudscapeLink, { type LinkProps } from "@cloudscape-design/components/link";
import { useCallback } from "react";
import { useLocation } from "wouter";

type Followed = CustomEvent<{ href?: string; external?: boolean }>;

/** Returns a handler of `onFollow` that stays in the page. */
export function useFollow(): (event: Followed) => void {
  const [, navigate] = useLocation();
  return useCallback(
    (event) => {
      const { href, external } = event.detail;
      if (!href || external || !href.startsWith("/") || href.startsWith("/docs") || href.startsWith("/api/")) return;
      event.preventDefault();
      navigate(href);
    },
    [navigate],
  );
}

export function Link(props: LinkProps) {
  return <CloudscapeLink {...props} onFollow={useFollow()} />;
}
