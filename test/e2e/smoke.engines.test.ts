import { describeSmoke } from './smoke.ts';

describeSmoke('firefox'); // Chromium's are in `npm test`
describeSmoke('webkit');
