import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { BlockStore, heldBytes, totalBytes, type TrackRecord } from '../../plugin/source/block-store.ts';
import { MemoryTable } from '../../plugin/source/memory-table.ts';
import { WriteBehind } from '../../plugin/source/write-behind.ts';
import { BLOCK, recordOf } from '../support/track-record.ts';

const NOBODY = { isInUse: () => false, onStored: () => {}, onDropped: () => {} };

describe('writing behind', () => {
  test('keeps the store within its budget, whatever is written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(20)), { maxLength: 40 }),
        async (writes) => {
          const store = new BlockStore(new MemoryTable());
          const held = new Map<string, Set<number>>();
          const listener = {
            isInUse: () => false,
            onStored: ({ key }: TrackRecord, indices: readonly number[]) =>
              held.set(key, new Set([...(held.get(key) ?? []), ...indices])),
            onDropped: (key: string, indices: readonly number[]) =>
              indices.forEach((index) => held.get(key)?.delete(index)),
          };
          const writer = new WriteBehind(store, 8 * BLOCK, listener);
          for (const [at, [key, index]] of writes.entries()) {
            writer.add(recordOf(key, { lastUsed: at }), index, new ArrayBuffer(BLOCK));
            await writer.room();
            expect(totalBytes(await store.list())).toBeLessThanOrEqual(8 * BLOCK);
          }
          await writer.flush();
          for (const track of await store.list()) {
            expect(new Set(track.checksums.keys())).toEqual(held.get(track.record.key));
            expect(heldBytes(track)).toBeLessThanOrEqual(8 * BLOCK);
          }
        },
      ),
    );
  });

  /** Requests that bring blocks, which a disk that never answers keeps waiting; gives how many were taken and refused. */
  async function waitFor(requests: number): Promise<{ waitingBytes: number; refused: number }> {
    class StuckDisk extends BlockStore {
      override write(): Promise<never> {
        return new Promise(() => {});
      }
    }
    const writer = new WriteBehind(new StuckDisk(new MemoryTable()), 2 ** 30, NOBODY);
    const blockBytes = 2 ** 18;
    let [waitingBytes, refused] = [0, 0];
    const download = async (key: string): Promise<void> => {
      for (let index = 0; index < 40; index += 1) {
        const record = recordOf(key, { blockBytes, size: 40 * blockBytes });
        if (writer.add(record, index, new ArrayBuffer(blockBytes))) waitingBytes += blockBytes;
        else refused += 1;
        await writer.room();
      }
    };
    for (let nth = 0; nth < requests; nth += 1) void download(`${nth}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { waitingBytes, refused };
  }

  test('holds eight requests back in time for 8 MiB to wait for a disk at most', async () => {
    const { waitingBytes, refused } = await waitFor(8);
    expect(refused).toBe(0);
    expect(waitingBytes).toBeGreaterThan(6 * 2 ** 20);
    expect(waitingBytes).toBeLessThanOrEqual(8 * 2 ** 20);
  });

  test('lets no more than 8 MiB wait for a disk, however many requests bring blocks', async () => {
    const { waitingBytes, refused } = await waitFor(40);
    expect(refused).toBeGreaterThan(0);
    expect(waitingBytes).toBe(8 * 2 ** 20);
  });

  test('makes room and tries once more where the browser grants less than the budget', async () => {
    class SmallDisk extends BlockStore {
      override async write(...[record, blocks]: Parameters<BlockStore['write']>) {
        const bytes = totalBytes(await this.list()) + blocks.size * BLOCK;
        return bytes > 2 * BLOCK ? ('over-quota' as const) : super.write(record, blocks, Infinity);
      }
    }
    const store = new SmallDisk(new MemoryTable());
    const writer = new WriteBehind(store, 8 * BLOCK, NOBODY);
    for (const key of ['a', 'b', 'c']) {
      writer.add(recordOf(key), 0, new ArrayBuffer(BLOCK));
      await writer.flush();
    }
    expect((await store.list()).map(({ record }) => record.key)).toEqual(['b', 'c']);
    expect(writer.reliableBytes).toBe(8 * BLOCK);
    writer.add(recordOf('b'), 1, new ArrayBuffer(BLOCK));
    writer.add(recordOf('b'), 2, new ArrayBuffer(BLOCK));
    await writer.flush();
    expect(writer.reliableBytes).toBe(0);
  });
});
