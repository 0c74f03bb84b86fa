/** The laws of `docs/architecture.md` as pure functions: a table and a source tree in, violations out. */
import path from 'node:path';
import { factsOf, type ModuleFacts } from './module-facts.ts';

/** Sources by their path below `plugin/`. */
export type SourceTree = Readonly<Record<string, string>>;

/** One outside thing, and the one file (or folder, with a slash) through which it enters. */
export interface Door {
  readonly through: string;
  /** Globals, or members of one as `URL.createObjectURL`. */
  readonly names?: readonly string[];
  readonly packages?: readonly string[];
}

export interface Architecture {
  /** Each folder (with a slash) or file, and what it may import besides itself. */
  readonly sees: Readonly<Record<string, readonly string[]>>;
  /** Re-exports only. */
  readonly entries: readonly string[];
  /** Statements that an entry may have nevertheless. */
  readonly entryExceptions: readonly string[];
  readonly doors: readonly Door[];
  /** Packages without a door: no I/O of their own. */
  readonly openPackages: readonly string[];
  /** Files and folders without I/O, timers and globals. */
  readonly pure: readonly string[];
  /** What is impure. */
  readonly impureNames: readonly string[];
}

interface Module {
  readonly path: string;
  readonly facts: ModuleFacts;
}

export type Rule = (tree: SourceTree, architecture: Architecture) => string[];

const MAX_LINES = 300;
const KEBAB_CASE = /^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*\.ts$/;
const MEANINGLESS_NAME = /(^|[-/])(utils?|helpers?|managers?|misc)([-./]|$)/;

/** A module imports only from floors that its own floor sees. */
export const floors: Rule = (tree, { sees }) =>
  modulesOf(tree).flatMap((module) => {
    const own = placeOf(module.path, Object.keys(sees));
    if (own === undefined) return [`${module.path} stands on no floor`];
    return localImports(module)
      .filter((target) => !isWithin(target, [own, ...(sees[own] ?? [])]))
      .map((target) => `${module.path} may not see ${target}`);
  });

/** Outside things enter through their door alone, and packages that have none not at all. */
export const doors: Rule = (tree, architecture) =>
  modulesOf(tree).flatMap(({ path: file, facts }) => {
    const isOpen = ({ through }: Door): boolean => isWithin(file, [through]);
    const names = architecture.doors.filter((door) => !isOpen(door)).flatMap((door) => door.names ?? []);
    const open = architecture.doors.filter(isOpen).flatMap((door) => door.packages ?? []);
    const things = [
      ...names.filter((name) => facts.outsideNames.has(name)),
      ...packagesOf(facts).filter((name) => ![...open, ...architecture.openPackages].includes(name)),
    ];
    return things.map((thing) => `${file} lets in ${thing}`);
  });

/** No module reaches itself through imports, not even through those of types. */
export const cycles: Rule = (tree) => {
  const imports = new Map(modulesOf(tree).map((module) => [module.path, localImports(module)]));
  return [...imports.keys()]
    .filter((file) => reachableFrom(file, imports).has(file))
    .map((file) => `${file} is in a cycle`);
};

/** Pure modules touch nothing outside their arguments. */
export const purity: Rule = (tree, { pure, impureNames }) =>
  modulesOf(tree)
    .filter((module) => isWithin(module.path, pure))
    .flatMap(({ path: file, facts }) => {
      const impurities = impureNames.filter((name) => facts.outsideNames.has(name)).concat(packagesOf(facts));
      return impurities.map((name) => `${file} is pure, but uses ${name}`);
    });

/** Entry files are explicit lists of what others have. */
export const entryLists: Rule = (tree, { entries, entryExceptions }) =>
  modulesOf(tree)
    .filter((module) => entries.includes(module.path))
    .flatMap(({ path: file, facts }) =>
      facts.ownStatements
        .filter((statement) => !entryExceptions.includes(statement))
        .map((statement) => `${file} does more than re-export: ${statement}`),
    );

export const fileNames: Rule = (tree) => {
  const shouting = Object.keys(tree).filter((file) => !KEBAB_CASE.test(file));
  const mumbling = Object.keys(tree).filter((file) => MEANINGLESS_NAME.test(file));
  return [...shouting.map((file) => `${file} is not kebab-case`), ...mumbling.map((file) => `${file} says nothing`)];
};

export const fileLengths: Rule = (tree) =>
  Object.entries(tree)
    .filter(([, source]) => source.trimEnd().split('\n').length > MAX_LINES)
    .map(([file]) => `${file} has more than ${MAX_LINES} lines`);

export const importEndings: Rule = (tree) =>
  modulesOf(tree).flatMap(({ path: file, facts }) =>
    facts.imports
      .filter((specifier) => specifier.startsWith('.') && !specifier.endsWith('.ts'))
      .map((specifier) => `${file} imports ${specifier} without .ts`),
  );

function modulesOf(tree: SourceTree): Module[] {
  return Object.entries(tree).map(([file, source]) => ({ path: file, facts: factsOf(source) }));
}

/** Paths below `plugin/` of a module's relative imports. */
function localImports({ path: file, facts }: Module): string[] {
  const relative = facts.imports.filter((specifier) => specifier.startsWith('.'));
  return relative.map((specifier) => path.posix.join(path.posix.dirname(file), specifier));
}

function packagesOf({ imports }: ModuleFacts): string[] {
  return imports.filter((specifier) => !specifier.startsWith('.'));
}

function isWithin(file: string, places: readonly string[]): boolean {
  return placeOf(file, places) !== undefined;
}

function placeOf(file: string, places: readonly string[]): string | undefined {
  return places.find((place) => (place.endsWith('/') ? file.startsWith(place) : file === place));
}

function reachableFrom(start: string, imports: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const pending = [...(imports.get(start) ?? [])];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    pending.push(...(imports.get(file) ?? []));
  }
  return reached;
}
