import { runCases } from './case-runner.ts';
import { smokeOf } from './smoke.ts';

runCases([smokeOf('firefox')], [smokeOf('webkit')]); // Chromium's are in `npm test`
