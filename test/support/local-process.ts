/** Programs that a test starts beside itself, and ends by their id. */
import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { untilTruthy } from './time-limit.ts';

const READY_TIMEOUT_MS = 60_000; // a cold disk and a busy machine included
const END_TIMEOUT_MS = 5000; // then it is killed

/**
 * The path of the first of `names` that is installed.
 *
 * @param folders to look in. @default those of PATH
 * @throws with `install`, the command that brings it
 */
export function findProgram(
  names: readonly string[],
  install: string,
  folders: readonly string[] = (process.env['PATH'] ?? '').split(path.delimiter),
): string {
  const candidates = names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  const found = candidates.find(isExecutable);
  if (found === undefined) throw new Error(`${names.join(' or ')} is not installed: ${install}`);
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export class LocalProcess {
  readonly child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #endWithTest = (): void => void this.child.kill('SIGKILL');

  constructor(
    private readonly program: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    stdio: StdioOptions = 'ignore',
  ) {
    this.child = spawn(program, args, { env: { ...process.env, ...env }, stdio });
    this.#exited = once(this.child, 'exit');
    process.once('exit', this.#endWithTest);
  }

  /** Waits until `isReady` gives something truthy, and returns it; rejects where the program ends before. */
  async until<T>(isReady: () => T | Promise<T>): Promise<T> {
    return untilTruthy(READY_TIMEOUT_MS, `${this.program} is ready`, () => {
      if (!this.#isRunning) throw new Error(`${this.program} ended as it started, with ${this.child.exitCode}.`);
      return isReady();
    });
  }

  /** Ends it and waits until it is gone. Idempotent. */
  async end(): Promise<void> {
    process.off('exit', this.#endWithTest);
    if (!this.#isRunning) return;
    this.child.kill();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), END_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  get #isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }
}
