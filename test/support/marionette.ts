/** Firefox's own form of WebDriver: the same commands over TCP, as `length:[type,id,name,parameters]`. */
import { once } from 'node:events';
import net from 'node:net';
import type { WebDriverCommand, WebDriverLink } from './webdriver-page.ts';

type Answer = readonly [type: 1, id: number, error: { error: string; message: string } | null, result: unknown];

interface Asked {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

const NAMES: Readonly<Record<WebDriverCommand, string>> = {
  newSession: 'WebDriver:NewSession',
  setTimeouts: 'WebDriver:SetTimeouts',
  navigate: 'WebDriver:Navigate',
  goBack: 'WebDriver:Back',
  hideWindow: 'WebDriver:MinimizeWindow',
  executeAsync: 'WebDriver:ExecuteAsyncScript',
  performActions: 'WebDriver:PerformActions',
};

const COLON = 0x3a;

export async function connectMarionette(port: number): Promise<Marionette> {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return new Marionette(socket);
}

export class Marionette implements WebDriverLink {
  #received = Buffer.alloc(0);
  #lastId = 0;
  readonly #asked = new Map<number, Asked>();

  constructor(private readonly socket: net.Socket) {
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => {
      for (const { reject } of this.#asked.values()) reject(new Error('Firefox closed the connection.'));
    });
  }

  async send(command: WebDriverCommand, parameters: object): Promise<unknown> {
    const id = ++this.#lastId;
    const message = JSON.stringify([0, id, NAMES[command], parameters]);
    const answered = new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
    this.socket.write(`${Buffer.byteLength(message)}:${message}`);
    const result = await answered;
    return result instanceof Object && 'value' in result ? result.value : result;
  }

  close(): void {
    this.socket.destroy();
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const start = this.#received.indexOf(COLON) + 1;
      const end = start + Number(this.#received.toString('latin1', 0, start - 1));
      if (start === 0 || this.#received.length < end) return;
      const message: unknown = JSON.parse(this.#received.toString('utf8', start, end));
      this.#received = this.#received.subarray(end);
      if (Array.isArray(message)) this.#settle(message as unknown as Answer); // else the greeting
    }
  }

  #settle([, id, error, result]: Answer): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error) asked?.reject(new Error(`${error.error}: ${error.message}`));
    else asked?.resolve(result);
  }
}
