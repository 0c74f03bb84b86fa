/** A network between browser and server: one line with a latency and a speed, which all its connections share. */
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a line is like. */
export interface LinkShape {
  readonly name: string;
  /** From a request's bytes until they reach the server, so once for each request. */
  readonly latencyMs: number;
  /** From the server to the browser, all connections together. */
  readonly bytesPerSecond: number;
}

/** Bytes that had come over the line by some time. */
interface Delivery {
  /** As `Date.now()`. */
  readonly at: number;
  readonly totalBytes: number;
}

export const NO_LIMITS: LinkShape = { name: 'no limits', latencyMs: 0, bytesPerSecond: Infinity };

const PIECE_MS = 1; // of the line's time: what one connection sends before it is another's turn
const LATE_MS = 8; // how late a timer may come and the line still counts as busy all the while

/** Listens on a port of its own, in front of `origin`. */
export async function openLink(origin: string): Promise<Link> {
  const link = new Link(Number(new URL(origin).port));
  await link.listen();
  return link;
}

export class Link {
  /** Holds for what is sent from now on. */
  shape: LinkShape = NO_LIMITS;
  readonly #originPort: number;
  readonly #server = net.createServer({ noDelay: true }, (client) => this.#connect(client));
  readonly #clients = new Set<net.Socket>();
  #deliveries: Delivery[] = [];
  #totalBytes = 0;
  /** When the line will have carried what it was given. */
  #freeAtMs = 0;

  constructor(originPort: number) {
    this.#originPort = originPort;
  }

  get url(): string {
    const { port } = this.#server.address() as net.AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Forgets what was delivered so far. */
  clear(): void {
    this.#deliveries = [];
    this.#totalBytes = 0;
  }

  /** Bytes to the browser since `clear`, headers included, until `at`, a time as `Date.now()`. */
  bytesUntil(at: number): number {
    return this.#deliveries.findLast((delivery) => delivery.at <= at)?.totalBytes ?? 0;
  }

  /** Ends all connections too. */
  async close(): Promise<void> {
    this.#server.close();
    for (const client of this.#clients) client.destroy();
    await once(this.#server, 'close');
  }

  #connect(client: net.Socket): void {
    const origin = net.connect({ port: this.#originPort, host: '127.0.0.1', noDelay: true });
    this.#clients.add(client);
    client.once('close', () => {
      this.#clients.delete(client);
      origin.destroy();
    });
    client.on('error', () => origin.destroy()); // the browser left: its right
    this.#ask(client, origin);
    void this.#answer(client, origin);
  }

  #ask(client: net.Socket, origin: net.Socket): void {
    let before = Promise.resolve();
    client.on('data', (bytes) => {
      const arrived = sleep(this.shape.latencyMs);
      before = Promise.all([before, arrived]).then(() => void origin.write(bytes));
    });
  }

  async #answer(client: net.Socket, origin: net.Socket): Promise<void> {
    try {
      for await (const chunk of origin as AsyncIterable<Buffer>) {
        for (let start = 0, length = 0; start < chunk.length; start += length) {
          length = Math.min(chunk.length - start, this.#pieceBytes);
          await this.#carry(length);
          if (!client.write(chunk.subarray(start, start + length))) await once(client, 'drain');
          this.#count(length);
        }
      }
      client.end();
    } catch {
      client.destroy(); // one of the two is gone
    }
  }

  get #pieceBytes(): number {
    return Math.max(1, Math.ceil((this.shape.bytesPerSecond * PIECE_MS) / 1000));
  }

  /** Resolves when the line has carried so many bytes more. */
  async #carry(bytes: number): Promise<void> {
    const now = performance.now();
    if (now - this.#freeAtMs > LATE_MS) this.#freeAtMs = now;
    this.#freeAtMs += (bytes * 1000) / this.shape.bytesPerSecond;
    if (this.#freeAtMs - now >= 1) await sleep(this.#freeAtMs - now);
  }

  #count(bytes: number): void {
    this.#totalBytes += bytes;
    this.#deliveries.push({ at: Date.now(), totalBytes: this.#totalBytes });
  }
}
