/** What the demo prints: bare in the console, and on the page. */

const LINES_KEPT = 500;
const lines: string[] = [];

/** Prints one line. */
export function print(line: string): void {
  console.log(line);
  lines.push(line);
  if (lines.length > LINES_KEPT) lines.shift();
  const printed = element('printed');
  printed.textContent = lines.join('\n');
  printed.scrollTop = printed.scrollHeight;
}

/** Explains on the page what went wrong. */
export function showProblem(message: string): void {
  element('problem').textContent = message;
  element('problem').hidden = false;
}

export function clearProblem(): void {
  element('problem').hidden = true;
}

/** An element of the page by its id. */
export function element(id: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`#${id}`);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
}
