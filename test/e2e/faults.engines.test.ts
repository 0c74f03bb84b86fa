import { runCases } from './case-runner.ts';
import { faultsOf } from './faults.ts';

// Chromium's are in `npm test`. One lane an engine: in two of each they starve one another of two cores.
runCases(faultsOf('firefox', 1), faultsOf('webkit', 1));
