import { runCases } from './case-runner.ts';
import { smokeOf } from './smoke.ts';

runCases([smokeOf('chromium')]);
