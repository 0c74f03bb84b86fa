import { runCases } from './case-runner.ts';
import { faultsOf } from './faults.ts';

runCases([faultsOf('chromium')]);
