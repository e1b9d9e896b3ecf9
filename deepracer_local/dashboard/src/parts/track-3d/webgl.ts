/** Whether this browser can draw in three dimensions; asked before anything is loaded for it. */
let answer: boolean | undefined;

export function hasWebgl(): boolean {
  answer ??= ask();
  return answer;
}

function ask(): boolean {
  try {
    const context = document.createElement("canvas").getContext("webgl2");
    // Browsers allow a page only a few of them at a time.
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    return context !== null;
  } catch {
    return false;
  }
}
