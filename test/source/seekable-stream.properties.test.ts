/** 10,000 random sequences. A failure prints its seed; `SEED=… npm run test:properties` runs the same again. */
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import * as fc from 'fast-check';

import { type PolicyOf, type RangeServer, startRangeServer } from '../support/range-server.ts';
import {
  behavesOn,
  BYTES,
  isNotFooledOn,
  neverMixesOn,
  PATH,
  SERVERS,
  SHARES,
  sharesOn,
  survivesOn,
} from './stream-properties.ts';

const TIMEOUT_MS = 200_000;
/** 10 kinds of server and 2 ways to share make 10,000 in all. */
const RUNS = { kind: 300, survives: 2500, isNotFooled: 2500, neverMixes: 1000, shares: 500 };

let server: RangeServer;

beforeAll(async () => {
  server = await startRangeServer({ [PATH]: BYTES });
});

afterAll(() => server.close());

async function check<Values>(property: fc.IAsyncProperty<Values>, numRuns: number, policy: PolicyOf = {}) {
  const { SEED } = process.env;
  server.mount(PATH, BYTES, policy);
  const parameters = SEED === undefined ? { numRuns } : { numRuns, seed: Number(SEED) };
  await fc.assert(property, { ...parameters, includeErrorInReport: true });
}

describe('a stream', () => {
  test.each(SERVERS)(
    'behaves as one in memory on a server %s',
    (_, policy) => check(behavesOn(server), RUNS.kind, policy),
    TIMEOUT_MS,
  );

  test('behaves as one in memory where faults pass', () => check(survivesOn(server), RUNS.survives), TIMEOUT_MS);

  test('gives no wrong byte where the server lies', () => check(isNotFooledOn(server), RUNS.isNotFooled), TIMEOUT_MS);

  test('never mixes two versions of a file', () => check(neverMixesOn(server), RUNS.neverMixes), TIMEOUT_MS);

  test.each(SHARES)(
    'behaves as one in memory beside others on a server %s',
    (_, policy, memoryBytes) => check(sharesOn(server, memoryBytes), RUNS.shares, policy),
    TIMEOUT_MS,
  );
});
