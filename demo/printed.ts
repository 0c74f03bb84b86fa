/** What the demo prints: bare in the console, and on the page. */

import { element } from './page.ts';

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
