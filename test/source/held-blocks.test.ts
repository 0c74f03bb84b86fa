import { expect, test } from '@jest/globals';
import { AudioCache } from '../../plugin/source/audio-cache.ts';
import { BlockStore, type Rows, type Table } from '../../plugin/source/block-store.ts';
import { MemoryTable } from '../../plugin/source/memory-table.ts';
import { startRangeServer } from '../support/range-server.ts';
import { digest, pseudoRandomBytes } from '../support/served-content.ts';

const MIB = 2 ** 20;

/** Counts the blocks that are read out of it. */
class CountingTable extends MemoryTable {
  blocks = 0;

  override transact<Value>(...[mode, work]: Parameters<Table['transact']>): Promise<Value> {
    return super.transact(mode, (rows: Rows) => {
      const blocks: Rows['blocks'] = (keys) => {
        this.blocks += keys.length;
        return rows.blocks(keys);
      };
      return work({ ...rows, blocks });
    }) as Promise<Value>;
  }
}

test.each([
  ['64 KiB', MIB / 16],
  ['1 MiB', MIB],
  ['4 MiB', 4 * MIB],
])('a track stored in blocks of %s is read in sequence with each block read once', async (_, blockBytes) => {
  const bytes = pseudoRandomBytes(12 * MIB);
  const server = await startRangeServer();
  server.mount('/track.wav', bytes, { etag: '"v1"' });
  const table = new CountingTable();
  const visit = (): AudioCache =>
    new AudioCache({ store: new BlockStore(table), maxBytes: 64 * MIB, recentBytes: 16 * MIB });
  const caches = [visit()];
  try {
    const open = async (cache: AudioCache) => {
      const track = await cache.open(`${server.url}/track.wav`, { blockBytes });
      const read = new Uint8Array(bytes.length);
      const reader = track.openReader();
      for (let position = 0; position < read.length;) {
        const target = read.subarray(position, position + MIB / 4);
        position += await reader.read(position, target, { until: read.length });
      }
      expect(digest(read)).toBe(digest(bytes));
      await track.flush();
      track.close();
      await cache.entries();
    };
    for (const cache of caches) await open(cache);
    const second = visit();
    caches.push(second);
    await second.entries();
    server.clearLog();
    table.blocks = 0;
    await open(second);
    expect(table.blocks).toBe(bytes.length / blockBytes - (blockBytes <= MIB ? 1 : 0)); // the first is there already
    expect(server.askedRanges()).toEqual([]);
  } finally {
    for (const cache of caches) cache.close();
    await server.close();
  }
});
