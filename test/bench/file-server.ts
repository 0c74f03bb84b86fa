/** A process with a server of its own, so that what is measured in Node shares no thread with it. */
import { startRangeServer } from '../support/range-server.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';

/** What the server has done since it was last asked. */
export interface ServerReport {
  readonly requests: number;
  readonly bytesWritten: number;
}

export const FILE_BYTES = 100e6;

const server = await startRangeServer({ '/file.bin': pseudoRandomBytes(FILE_BYTES) });
process.on('message', () => {
  const report: ServerReport = { requests: server.log.length, bytesWritten: server.bytesWritten() };
  server.clearLog();
  process.send?.(report);
});
process.send?.(`${server.url}/file.bin`);
