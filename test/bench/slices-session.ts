/** How long is the page's main thread taken at a time, for each kind of samples? */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kind, makeKind } from './kinds.ts';
import { PLAYED_SECONDS } from './playing-session.ts';
import { type Session, withSession, type World } from './session.ts';
import { quantile } from './statistics.ts';

/** Of one run. */
export interface SliceFigures {
  /** Tasks of the page's main thread that ran a script. */
  readonly slices: number;
  readonly most: number;
  readonly ms99: number;
}

/** An event of Chromium's trace, its times in µs. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** The time that the thread had of it. */
  readonly tdur?: number;
}

const CATEGORIES = ['disabled-by-default-devtools.timeline', 'devtools.timeline', 'v8.execute'];
const TASK = 'RunTask';
const SCRIPTS: ReadonlySet<string> = new Set(['EvaluateScript', 'FunctionCall', 'RunMicrotasks']);

/** On a line without limits, so that the work of a start comes as fast as it can. */
export function measureSlices(world: World, kind: Kind): Promise<SliceFigures> {
  world.server.mount('/kind.wav', makeKind(kind));
  return withSession(world, { way: 'ours' }, async (session) => {
    const events = await trace(session, async () => {
      await session.play('/kind.wav');
      await sleep(PLAYED_SECONDS * 1000);
    });
    const ms = slicesOf(events).toSorted((a, b) => a - b);
    return { slices: ms.length, most: ms.at(-1) ?? NaN, ms99: quantile(ms, 0.99) };
  });
}

async function trace({ page: { devtools } }: Session, work: () => Promise<void>): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  devtools.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await devtools.send('Tracing.start', { traceConfig: { includedCategories: CATEGORIES } });
  await work();
  const complete = new Promise((resolve) => devtools.once('Tracing.tracingComplete', resolve));
  await devtools.send('Tracing.end');
  await complete;
  return events;
}

/** The script of each task that ran any, by the time that its thread had for it, in ms: other processes count not. */
function slicesOf(events: readonly TraceEvent[]): number[] {
  const inOrder = events.filter(({ dur }) => dur !== undefined).toSorted((a, b) => a.ts - b.ts);
  const threads = new Map<string, Thread>();
  for (const { name, pid, tid, ts, dur = 0, tdur = dur } of inOrder) {
    const thread = threads.get(`${pid} ${tid}`) ?? { slices: [], scriptEnd: 0 };
    threads.set(`${pid} ${tid}`, thread);
    if (name === TASK) thread.slices.push(0);
    const isOutermost = ts >= thread.scriptEnd;
    if (!SCRIPTS.has(name) || !isOutermost) continue;
    thread.scriptEnd = ts + dur;
    thread.slices.push((thread.slices.pop() ?? 0) + tdur / 1000);
  }
  return [...threads.values()].flatMap(({ slices }) => slices).filter((ms) => ms > 0);
}

interface Thread {
  /** The script's time of each task so far. */
  readonly slices: number[];
  /** When the script that ran last was over. */
  scriptEnd: number;
}
