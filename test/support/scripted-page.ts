/** A built page with scripts that run before its own: WebDriver has no other way to bring them in. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RangeServer } from './range-server.ts';

/** Serves a folder's page at `/index.html`, with `scripts` in front of all else. */
export function mountScriptedPage(server: RangeServer, folder: string, scripts: readonly string[]): void {
  const html = readFileSync(path.join(folder, 'index.html'), 'utf8');
  const tags = scripts.map((script) => `<script>${script.replaceAll('</script', '<\\/script')}</script>`);
  server.mount('/index.html', Buffer.from(html.replace('<head>', (head) => head + tags.join('\n'))));
}
