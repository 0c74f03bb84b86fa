/** What the command line asks for. */
import { parseArgs } from 'node:util';
import { LINKS } from './start-session.ts';
import type { LinkShape } from './link.ts';

export type Part = 'first-sound' | 'playing' | 'memory' | 'seam' | 'cache' | 'node';

export interface BenchOptions {
  readonly rounds: number;
  readonly parts: readonly Part[];
  readonly links: readonly LinkShape[];
  /** Nothing is left out, so that the result may go into `docs/`. */
  readonly isWhole: boolean;
}

const PARTS: readonly Part[] = ['first-sound', 'playing', 'memory', 'seam', 'cache', 'node'];
const DEFAULT_ROUNDS = 7;

export const USAGE = `npm run bench [-- options]
  --rounds N      runs of each way (default ${DEFAULT_ROUNDS})
  --only PARTS    of ${PARTS.join(', ')}
  --links 1,3     of ${LINKS.map(({ name }, index) => `${index + 1} (${name})`).join(', ')}
Only a bench of all parts and links writes docs/benchmarks.md and docs/benchmarks.svg.`;

/** @throws Error that says what is wrong, and how it is right */
export function parseOptions(args: readonly string[]): BenchOptions {
  const string = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { rounds: string, only: string, links: string } });
  const rounds = Number(values.rounds ?? DEFAULT_ROUNDS);
  const parts = values.only?.split(',').map(toPart) ?? PARTS;
  const links = values.links?.split(',').map(toLink) ?? LINKS;
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds takes a number from 1 on.\n${USAGE}`);
  return { rounds, parts, links, isWhole: values.only === undefined && values.links === undefined };
}

function toPart(name: string): Part {
  const part = PARTS.find((one) => one === name);
  if (part === undefined) throw new Error(`There is no part ${name}.\n${USAGE}`);
  return part;
}

function toLink(number: string): LinkShape {
  const link = LINKS[Number(number) - 1];
  if (link === undefined) throw new Error(`There is no link ${number}.\n${USAGE}`);
  return link;
}
