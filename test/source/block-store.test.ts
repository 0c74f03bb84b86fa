import { describe, expect, test } from '@jest/globals';

import { BlockStore, checksumOf, type Table } from '../../plugin/source/block-store.ts';
import { MemoryTable } from '../../plugin/source/memory-table.ts';
import { pseudoRandomBytes } from '../support/served-content.ts';
import { BLOCK, recordOf } from '../support/track-record.ts';

const bytes = (seed: number): ArrayBuffer => pseudoRandomBytes(BLOCK, seed).buffer as ArrayBuffer;

describe('a store', () => {
  test('never gives blocks of another version, and drops them when it gets new ones', async () => {
    const store = new BlockStore(new MemoryTable());
    const [former, present] = [recordOf('a'), recordOf('a', { etag: '"v2"' })];
    await store.write(former, new Map([[0, bytes(1)]]), Infinity);
    expect(await store.read(present, [0])).toEqual([]);
    await store.write(present, new Map([[1, bytes(2)]]), Infinity);
    const checksums = new Map([[1, checksumOf(bytes(2))]]);
    expect(await store.find('a')).toEqual({ record: present, isPinned: false, checksums });
    expect(await store.read(present, [1, 0])).toEqual([bytes(2), undefined]);
  });

  test('refuses what its budget has no room for, and changes nothing then', async () => {
    const store = new BlockStore(new MemoryTable());
    expect(await store.write(recordOf('a'), new Map([[0, bytes(1)]]), 2 * BLOCK)).toBe('written');
    const two = new Map([
      [1, bytes(2)],
      [2, bytes(3)],
    ]);
    expect(await store.write(recordOf('b'), two, 2 * BLOCK)).toBe('over-budget');
    expect(await store.list()).toHaveLength(1);
    expect(await store.write(recordOf('a'), new Map([[0, bytes(4)]]), BLOCK)).toBe('written');
  });

  test('keeps a pin over writes, until it is taken off', async () => {
    const store = new BlockStore(new MemoryTable());
    await store.write(recordOf('a'), new Map([[0, bytes(1)]]), Infinity);
    await store.pin('a', true);
    await store.write(recordOf('a', { lastUsed: 9 }), new Map([[1, bytes(2)]]), Infinity);
    expect(await store.find('a')).toMatchObject({ isPinned: true, record: { lastUsed: 9 } });
    await store.pin('a', false);
    expect(await store.find('a')).toMatchObject({ isPinned: false });
  });

  test('gives no damaged block', async () => {
    const table = new MemoryTable();
    const store = new BlockStore(table);
    const record = recordOf('a');
    await store.write(record, new Map([[0, bytes(1)]]), Infinity);
    const damaged = bytes(1);
    new DataView(damaged).setUint8(BLOCK - 1, 1 + new DataView(damaged).getUint8(BLOCK - 1));
    await table.transact('readwrite', async (rows) => rows.putBlock(['a', '"v1"', BLOCK, 0], damaged));
    expect(await store.read(record, [0])).toEqual([undefined]);
  });

  test('holds nothing, and loses what it gets, where its table fails', async () => {
    const fail = (): Promise<never> => Promise.reject(new Error('no disk'));
    const broken: Table = { transact: fail, quotaBytes: async () => undefined, close: () => {} };
    const store = new BlockStore(broken);
    expect(await store.find('a')).toBeUndefined();
    expect(await store.list()).toEqual([]);
    expect(await store.write(recordOf('a'), new Map([[0, bytes(1)]]), Infinity)).toBe('failed');
    await store.remove('a');
    await store.clear();
  });
});

describe('a checksum', () => {
  test('changes with any byte, whatever the length', () => {
    for (const length of [1, 2, 3, 4, 5, 7, 8, 1021]) {
      const block = pseudoRandomBytes(length, 3).slice();
      const before = checksumOf(block.buffer);
      for (let at = 0; at < length; at += 1) {
        block[at] = (block[at] ?? 0) ^ 0x10;
        expect(checksumOf(block.buffer)).not.toBe(before);
        block[at] = (block[at] ?? 0) ^ 0x10;
      }
      expect(checksumOf(block.buffer)).toBe(before);
    }
  });
});
