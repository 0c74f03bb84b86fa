/**
 * A Chromium with nobody's inspector of requests, which keeps the body of each answer in the page's own process: only so
 * does its memory tell what the page takes.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import { foundBySetup } from '../support/chromium.ts';
import { LocalProcess } from '../support/local-process.ts';
import { untilTruthy } from '../support/time-limit.ts';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--no-first-run',
  '--mute-audio',
  '--disable-background-networking',
  '--disable-component-update',
  '--autoplay-policy=no-user-gesture-required',
  '--remote-debugging-pipe',
];
const OPEN_TIMEOUT_MS = 60_000;
const READINGS = 5;
const BETWEEN_MS = 1000; // what is freed goes back to the system by and by

interface Reply {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** One browser with one page, spoken to by DevTools' protocol through a pipe. */
export class BareChromium {
  readonly #profile = mkdtempSync(path.join(tmpdir(), 'bench-'));
  readonly #process: LocalProcess;
  readonly #pipe: readonly Duplex[];
  readonly #answers = new Map<number, (reply: Reply) => void>();
  #session: string | undefined;
  #lastId = 0;
  #received = '';

  constructor() {
    const { executablePath, env } = foundBySetup();
    const args = [...FLAGS, `--user-data-dir=${this.#profile}`, 'about:blank'];
    this.#process = new LocalProcess(executablePath, args, env, ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']);
    this.#pipe = this.#process.child.stdio.slice(3) as unknown as Duplex[];
    this.#pipe[1]?.on('data', (bytes: Buffer) => this.#receive(bytes.toString()));
  }

  /** Opens the page. */
  async open(url: string): Promise<void> {
    const { targetId } = await this.#send('Target.createTarget', { url });
    const { sessionId } = await this.#send('Target.attachToTarget', { targetId, flatten: true });
    this.#session = String(sessionId);
    const isThere = `location.href === ${JSON.stringify(url)} && document.readyState === 'complete'`;
    await untilTruthy(OPEN_TIMEOUT_MS, `${url} is open`, () => this.evaluate<boolean>(isThere));
  }

  /** Runs a script in the page, and waits for what it promises. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const how = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', how);
    if (exceptionDetails !== undefined) throw new Error(`The page threw ${JSON.stringify(exceptionDetails)}`);
    return (result as { readonly value: Value }).value;
  }

  /** The least proportional set size of the renderers in some readings, garbage collected before each. */
  async rendererBytes(): Promise<number> {
    const readings: number[] = [];
    while (readings.length < READINGS) {
      await this.#send('HeapProfiler.collectGarbage');
      await sleep(BETWEEN_MS);
      readings.push(await this.#proportionalBytes());
    }
    return Math.min(...readings);
  }

  async close(): Promise<void> {
    this.#session = undefined;
    await this.#send('Browser.close'); // lets its processes end before their profile goes
    await this.#process.end();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }

  async #proportionalBytes(): Promise<number> {
    const session = this.#session;
    this.#session = undefined;
    const { processInfo } = await this.#send('SystemInfo.getProcessInfo');
    this.#session = session;
    const processes = processInfo as { readonly type: string; readonly id: number }[];
    return processes.filter(({ type }) => type === 'renderer').reduce((sum, { id }) => sum + pss(id), 0);
  }

  async #send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = (this.#lastId += 1);
    const answered = new Promise<Reply>((resolve) => this.#answers.set(id, resolve));
    const sessionId = this.#session === undefined ? {} : { sessionId: this.#session };
    this.#pipe[0]?.write(`${JSON.stringify({ id, method, params, ...sessionId })}\0`);
    const { result = {}, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  #receive(text: string): void {
    const messages = (this.#received + text).split('\0');
    this.#received = messages.pop() ?? '';
    for (const message of messages) {
      const reply = JSON.parse(message) as Reply;
      if (reply.id === undefined) continue;
      this.#answers.get(reply.id)?.(reply);
      this.#answers.delete(reply.id);
    }
  }
}

function pss(pid: number): number {
  const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
