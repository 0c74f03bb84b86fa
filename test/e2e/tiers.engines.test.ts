import { runCases } from './case-runner.ts';
import { smokeOfTier } from './smoke.ts';

runCases(
  [smokeOfTier('chromium', 'managed-media-source'), smokeOfTier('chromium', 'blob')],
  [smokeOfTier('webkit', 'managed-media-source'), smokeOfTier('firefox', 'blob')],
);
