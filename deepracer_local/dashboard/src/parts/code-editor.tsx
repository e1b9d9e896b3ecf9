/** Python in the browser: colours, completion of the reward parameters, findings at their line. */
import { autocompletion, type CompletionContext, type CompletionResult, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";

import { useIsDark } from "../shell/theme";
import { REWARD_PARAMETERS } from "./reward-parameters";

export interface Finding {
  kind: string;
  message: string;
  /** 1-based; null where the finding is about all of it. */
  line: number | null;
  column: number | null;
}

interface Props {
  label: string;
  value: string;
  onChange?: (text: string) => void;
  findings?: Finding[];
  /** What the parameters are at some place, for the completion. */
  values?: Record<string, string>;
  minHeight?: string;
  maxHeight?: string;
}

export default function CodeEditor({ label, value, onChange, findings = [], values, minHeight = "320px", maxHeight = "560px" }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const isDark = useIsDark();
  const changed = useRef(onChange);
  changed.current = onChange;
  const here = useRef(values);
  here.current = values;
  const isReadOnly = onChange === undefined;
  const start = useRef(value);
  start.current = value;

  useEffect(() => {
    if (!box.current) return undefined;
    const editor = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: start.current,
        extensions: [
          lineNumbers(),
          history(),
          drawSelection(),
          indentOnInput(),
          indentUnit.of("    "),
          bracketMatching(),
          highlightSelectionMatches(),
          python(),
          EditorView.lineWrapping,
          isReadOnly ? [EditorState.readOnly.of(true)] : [highlightActiveLine(), lintGutter(), autocompletion({ override: [(context) => complete(context, here.current ?? {})] })],
          keymap.of([...completionKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap, ...(isReadOnly ? [] : [indentWithTab])]),
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed.current?.(update.state.doc.toString());
          }),
          themeOf(isDark, minHeight, maxHeight),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, [isDark, isReadOnly, label, minHeight, maxHeight]);

  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value, isDark]);

  useEffect(() => {
    const editor = view.current;
    if (editor) editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(editor.state, findings)));
  }, [findings, isDark]);

  return <div ref={box} className="code-box" />;
}

function diagnosticsOf(state: EditorState, findings: Finding[]): Diagnostic[] {
  return findings.flatMap((finding) => {
    if (finding.line === null || finding.line < 1 || finding.line > state.doc.lines) return [];
    const line = state.doc.line(finding.line);
    const indent = line.text.length - line.text.trimStart().length;
    const from = Math.min(line.to, line.from + (finding.column === null ? indent : Math.max(0, finding.column - 1)));
    return [{ from, to: Math.max(from, line.to), severity: finding.kind === "WARNING" ? "warning" : "error", message: finding.message }];
  });
}

/** Completes `params["…`, and a bare word by the keys of `params` too. */
function complete(context: CompletionContext, values: Record<string, string>): CompletionResult | null {
  const inQuotes = context.matchBefore(/params\s*(?:\[|\.get\()\s*["'][A-Za-z_]*/);
  if (inQuotes) {
    const quote = Math.max(inQuotes.text.lastIndexOf('"'), inQuotes.text.lastIndexOf("'"));
    return { from: inQuotes.from + quote + 1, options: options(values, (name) => name), validFor: /^\w*$/ };
  }
  const word = context.matchBefore(/[A-Za-z_]\w*/);
  if (!word && !context.explicit) return null;
  if (word && word.text.length < 2 && !context.explicit) return null;
  return { from: word?.from ?? context.pos, options: options(values, (name) => `params["${name}"]`), validFor: /^\w*$/ };
}

const options = (values: Record<string, string>, spelled: (name: string) => string) =>
  REWARD_PARAMETERS.map(({ name, type, meaning }) => {
    const value = values[name];
    const info = value === undefined ? meaning : `${meaning}. At the place marked on the map: ${value}`;
    return { label: name, apply: spelled(name), type: "property", detail: value === undefined ? type : `${type} · ${value} here`, info };
  });

function themeOf(isDark: boolean, minHeight: string, maxHeight: string): Extension {
  const [text, back, gutter, line, selection] = isDark
    ? ["#dedee3", "#161d26", "#8c8c94", "#1f2833", "#2f4a6b"]
    : ["#16191f", "#ffffff", "#687078", "#f4f7fa", "#cfe4fb"];
  const colours = isDark
    ? { keyword: "#bf9dfb", string: "#8fd694", number: "#f5b26b", comment: "#8c9aa8", name: "#7cc7ff", bool: "#f5b26b" }
    : { keyword: "#6b3fb5", string: "#1b6e2d", number: "#a24400", comment: "#5f6b7a", name: "#0a5a9c", bool: "#a24400" };
  return [
    EditorView.theme(
      {
        "&": { color: text, backgroundColor: back, maxHeight },
        ".cm-scroller": { minHeight, overflow: "auto" },
        ".cm-content": { caretColor: text },
        ".cm-cursor": { borderLeftColor: text },
        ".cm-gutters": { backgroundColor: back, color: gutter, border: "none" },
        ".cm-activeLine": { backgroundColor: line },
        "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: selection },
        ".cm-tooltip": { backgroundColor: back, color: text, border: `1px solid ${gutter}`, borderRadius: "6px" },
      },
      { dark: isDark },
    ),
    syntaxHighlighting(
      HighlightStyle.define([
        { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword], color: colours.keyword },
        { tag: [tags.string], color: colours.string },
        { tag: [tags.number], color: colours.number },
        { tag: [tags.bool, tags.null], color: colours.bool },
        { tag: [tags.comment], color: colours.comment, fontStyle: "italic" },
        { tag: [tags.function(tags.variableName), tags.definition(tags.variableName)], color: colours.name },
      ]),
    ),
  ];
}
