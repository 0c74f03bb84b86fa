import { allowSecondTry } from '../support/second-try.ts';
import { runCases } from './case-runner.ts';
import { smokeOf } from './smoke.ts';

allowSecondTry();
runCases([smokeOf('firefox')], [smokeOf('webkit')]); // Chromium's are in `npm test`
