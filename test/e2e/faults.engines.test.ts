import { runCases } from './case-runner.ts';
import { faultsOf } from './faults.ts';

const parts = [...faultsOf('firefox', 2), ...faultsOf('webkit', 2)]; // Chromium's are in `npm test`

runCases(...parts.map((part) => [part]));
