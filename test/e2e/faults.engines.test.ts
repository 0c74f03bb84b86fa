import { allowSecondTry } from '../support/second-try.ts';
import { runCases } from './case-runner.ts';
import { faultsOf } from './faults.ts';

allowSecondTry();
runCases([faultsOf('firefox')], [faultsOf('webkit')]); // Chromium's are in `npm test`
