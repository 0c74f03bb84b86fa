import { describeSmoke } from './smoke.ts';

describeSmoke('chromium', 'managed-media-source');
describeSmoke('webkit', 'managed-media-source');
describeSmoke('chromium', 'blob');
describeSmoke('firefox', 'blob');
