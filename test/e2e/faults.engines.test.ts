import { runCases } from './case-runner.ts';
import { faultsOf } from './faults.ts';

runCases(faultsOf('firefox', 1), faultsOf('webkit', 1)); // Chromium's are in `npm test`
