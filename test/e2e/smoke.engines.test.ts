import { ENGINES } from '../support/engines.ts';
import { describeSmoke } from './smoke.ts';

for (const engine of ENGINES) describeSmoke(engine);
