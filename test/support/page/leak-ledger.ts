/** Runs in the page, before all else: the ledger of what was taken and not given back. The test's side is `../leaks.ts`. */

export type ResourceKind =
  | 'objectUrl'
  | 'timeout'
  | 'interval'
  | 'listener'
  | 'fetch'
  | 'database'
  /** From its creation until it is garbage. */
  | 'mediaSource'
  /** From its creation until it is garbage. */
  | 'audioElement';

export interface HeldResource {
  readonly id: number;
  readonly kind: ResourceKind;
  /** The URL, the delay, the event and its target. */
  readonly detail: string;
  /** Who took it: the first lines of its stack. */
  readonly stack: string;
}

export interface LeakSnapshot {
  readonly counts: Readonly<Record<ResourceKind, number>>;
  readonly held: readonly HeldResource[];
}

export type Method = (this: unknown, ...rest: unknown[]) => unknown;

export interface LeakLedger {
  /** Notes a resource and its taker; it is forgotten with its owner, where it has one. */
  readonly take: (kind: ResourceKind, detail: string, owner?: object) => number;
  readonly giveBack: (id: number | undefined) => void;
  /** Replaces a method by one that is handed the original; nothing where there is no such method. */
  readonly wrap: (target: object, name: string, around: (original: Method) => Method) => void;
  readonly methodOf: (prototype: object, name: string) => Method;
  readonly snapshot: () => LeakSnapshot;
}

declare global {
  interface Window {
    leaks: LeakLedger;
  }
}

interface Held extends HeldResource {
  /** What it lives in: where that is garbage, so is this. */
  readonly owner: WeakRef<object> | undefined;
}

const STACK_LINES = 4; // enough to see the caller behind a wrapper of its own
const held = new Map<number, Held>();
let lastId = 0;

function take(kind: ResourceKind, detail: string, owner?: object): number {
  const stack = (new Error().stack ?? '')
    .split('\n')
    .slice(3, 3 + STACK_LINES)
    .map((line) => line.trim());
  const id = ++lastId;
  held.set(id, { id, kind, detail, stack: stack.join('\n'), owner: owner && new WeakRef(owner) });
  return id;
}

function giveBack(id: number | undefined): void {
  if (id !== undefined) held.delete(id);
}

function wrap(target: object, name: string, around: (original: Method) => Method): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  if (descriptor === undefined) return;
  Object.defineProperty(target, name, { ...descriptor, value: around(descriptor.value) });
}

function methodOf(prototype: object, name: string): Method {
  const method: Method = Object.getOwnPropertyDescriptor(prototype, name)?.value;
  return method;
}

function snapshot(): LeakSnapshot {
  const counts = {
    objectUrl: 0,
    timeout: 0,
    interval: 0,
    listener: 0,
    fetch: 0,
    database: 0,
    mediaSource: 0,
    audioElement: 0,
  };
  const alive = [...held.values()].filter(({ owner }) => owner === undefined || owner.deref() !== undefined);
  for (const { kind } of alive) counts[kind]++;
  return { counts, held: alive.map(({ id, kind, detail, stack }) => ({ id, kind, detail, stack })) };
}

window.leaks = { take, giveBack, wrap, methodOf, snapshot };
