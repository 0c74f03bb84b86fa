import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from '@jest/globals';
import type { Engine, EngineOptions } from '../support/engine.ts';
import { launchFirefox } from '../support/firefox.ts';
import { keepTrack, playOffline, startSite } from './offline.ts';

const TIMEOUT_MS = 180_000; // two launches, and several waits of 20 s

// Chromium does so in `offline.browser.test.ts`; the automated WebKitGTK has no profile to keep.
test(
  'Firefox, started anew, opens the page without its server and plays the kept track to its end',
  async () => {
    const profile = mkdtempSync(path.join(tmpdir(), 'profile-'));
    const site = await startSite();
    try {
      await withFirefox({ profile }, (firefox) => keepTrack(firefox, site));
      await site.server.close();
      await withFirefox({ profile, autoplay: 'locked' }, async (firefox) => playOffline(await firefox.open(), site));
    } finally {
      await site.server.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
    }
  },
  TIMEOUT_MS,
);

/** Lends `work` a Firefox, and ends it. */
async function withFirefox(options: EngineOptions, work: (firefox: Engine) => Promise<void>): Promise<void> {
  const firefox = await launchFirefox(options);
  try {
    await work(firefox);
  } finally {
    await firefox.close();
  }
}
