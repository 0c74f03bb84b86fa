/** One real HTTP server at work: a process in the foreground, on a free port of 127.0.0.1, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RealServer, Site } from './real-servers.ts';

const START_MS = 10_000; // Caddy on a cold disk needs one second
const POLL_MS = 20;
const SYSTEM_PATH = '/usr/local/sbin:/usr/sbin:/sbin'; // where servers are, and what only root has in its PATH

/**
 * Starts `server` with `files` (by path from `/`). Close it in `afterAll`.
 *
 * @throws where it is not installed, with the line that installs it
 */
export async function startServer(server: RealServer, files: Record<string, Uint8Array>): Promise<RunningServer> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'real-server-'));
  await chmod(home, 0o755); // a server that root starts reads its files as another user
  const running = new RunningServer(server, home, await findFreePort());
  try {
    for (const [file, bytes] of Object.entries(files)) await running.put(file, bytes);
    await running.start();
  } catch (error) {
    await running.close();
    throw error;
  }
  return running;
}

export class RunningServer {
  readonly #server: RealServer;
  readonly #home: string;
  readonly #site: Site;
  #process: ChildProcess | undefined;
  #puts = 0;

  constructor(server: RealServer, home: string, port: number) {
    this.#server = server;
    this.#home = home;
    this.#site = { root: path.join(home, 'site'), port };
  }

  urlOf(file: string): string {
    return `http://127.0.0.1:${this.#site.port}${file}`;
  }

  /** Puts a file in place at one stroke. Each is a minute younger than the one before: some servers count in seconds. */
  async put(file: string, bytes: Uint8Array): Promise<void> {
    const target = path.join(this.#site.root, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(`${target}.new`, bytes);
    this.#puts += 1;
    const seconds = Date.now() / 1000 + 60 * (this.#puts - 60);
    await utimes(`${target}.new`, seconds, seconds);
    await rename(`${target}.new`, target);
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const { command, debianPackage } = this.#server;
    const started = await this.#spawn();
    this.#process = started;
    for (const deadline = Date.now() + START_MS; Date.now() < deadline; await sleep(POLL_MS)) {
      if (started.pid === undefined) {
        throw new Error(
          `${command} is not installed. On Debian: apt-get install -y --no-install-recommends ${debianPackage}`,
        );
      }
      if (started.exitCode !== null) throw new Error(`${command} ended at once: ${await this.#output()}`);
      if (await this.#answers()) return;
    }
    throw new Error(`${command} did not answer within ${START_MS} ms: ${await this.#output()}`);
  }

  /** Ends the process as a power cut would: what it was sending breaks off. Idempotent. */
  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running?.pid === undefined || running.exitCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  }

  /** Stops, and removes its folder. Idempotent. */
  async close(): Promise<void> {
    await this.stop();
    await rm(this.#home, { recursive: true, force: true });
  }

  async #spawn(): Promise<ChildProcess> {
    const configFile = path.join(this.#home, 'config');
    await writeFile(configFile, this.#server.configure(this.#site));
    const output = openSync(this.#outputFile, 'a');
    try {
      const started = spawn(this.#server.command, this.#server.args(configFile, this.#site), {
        cwd: this.#home,
        env: { ...process.env, PATH: `${process.env['PATH']}:${SYSTEM_PATH}`, XDG_CONFIG_HOME: this.#home },
        stdio: ['ignore', output, output],
      });
      started.on('error', () => {}); // such a process has no id, which tells as much
      return started;
    } finally {
      closeSync(output);
    }
  }

  #answers(): Promise<boolean> {
    return fetch(this.urlOf('/'), { method: 'HEAD', signal: AbortSignal.timeout(START_MS) }).then(
      () => true,
      () => false,
    );
  }

  get #outputFile(): string {
    return path.join(this.#home, 'output.log');
  }

  #output(): Promise<string> {
    return readFile(this.#outputFile, 'utf8');
  }
}

async function findFreePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('127.0.0.1 has no free port.');
  return address.port;
}
