import { allowSecondTry } from '../support/second-try.ts';
import { runCases } from './case-runner.ts';
import { smokeOfTier } from './smoke.ts';

allowSecondTry();
runCases(
  [smokeOfTier('chromium', 'managed-media-source'), smokeOfTier('chromium', 'blob')],
  [smokeOfTier('webkit', 'managed-media-source'), smokeOfTier('firefox', 'blob')],
);
