/** Finds a Chromium-family browser; installs one from the npm registry where there is none (Linux x64). */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const FALLBACK = '@sparticuz/chromium@147.0.0'; // the last that runs on Node 20
const REMEDY = 'Install one (Debian: apt-get install -y chromium), or set CHROME_PATH.';

/**
 * Says how to start Chromium: the path of its binary, and what its environment needs besides ours.
 * `TEST_BROWSER=bundled` passes over what is installed.
 */
export async function findChromium(root) {
  const named = fromEnvironment();
  if (named !== undefined) return { executablePath: named, env: {} };
  const installed = process.env.TEST_BROWSER === 'bundled' ? undefined : await fromThisMachine();
  if (installed !== undefined) return { executablePath: installed, env: {} };
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error(`No Chrome or Chromium found. ${REMEDY}`);
  return bundled(path.join(root, 'node_modules/.cache/test-browser'));
}

function fromEnvironment() {
  const name = ['CHROME_PATH', 'CHROMIUM_PATH', 'PUPPETEER_EXECUTABLE_PATH'].find((key) => process.env[key]);
  if (name === undefined) return undefined;
  const file = process.env[name];
  if (!fs.existsSync(file)) throw new Error(`${name} names ${file}, which does not exist.`);
  return file;
}

async function fromThisMachine() {
  const { Launcher } = await import('chrome-launcher');
  try {
    return Launcher.getInstallations()[0];
  } catch (error) {
    if (error.code === 'ERR_LAUNCHER_PATH_NOT_SET') return undefined; // its way to say that there is none
    throw error;
  }
}

function bundled(folder) {
  const home = path.join(folder, 'node_modules/@sparticuz/chromium');
  if (!fs.existsSync(home)) install(folder);
  const unpacked = path.join(folder, 'unpacked');
  const executablePath = path.join(unpacked, 'chromium');
  if (!fs.existsSync(executablePath)) unpack(home, unpacked);
  if (!fs.existsSync(executablePath)) throw new Error(`${FALLBACK} left no ${executablePath}. ${REMEDY}`);
  const fontsFile = path.join(unpacked, 'fonts.conf');
  fs.writeFileSync(fontsFile, fontsConfiguration(unpacked)); // the package's own names folders of Lambda
  return { executablePath, env: { LD_LIBRARY_PATH: path.join(unpacked, 'al2023/lib'), FONTCONFIG_FILE: fontsFile } };
}

function fontsConfiguration(unpacked) {
  const [fonts, cache] = [path.join(unpacked, 'fonts'), path.join(unpacked, 'fonts-cache')];
  return `<?xml version="1.0"?><fontconfig><dir>${fonts}</dir><cachedir>${cache}</cachedir></fontconfig>\n`;
}

function install(folder) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  console.log(`No Chromium found: installing ${FALLBACK} (66 MB) from the npm registry.`);
  const options = ['install', '--no-audit', '--no-fund', '--prefix', folder, FALLBACK];
  const npm = spawnSync('npm', options, { stdio: ['ignore', 'inherit', 'inherit'], timeout: 300_000 });
  if (npm.status !== 0) throw new Error(`${FALLBACK} could not be installed. ${REMEDY}`);
}

/** The package unpacks its own libnss3, libnspr4 and libexpat only where it believes itself to be on Lambda. */
function unpack(home, target) {
  fs.rmSync(target, { recursive: true, force: true });
  fs.mkdirSync(target, { recursive: true });
  const entry = pathToFileURL(path.join(home, 'build/esm/index.js')).href;
  const code = `import(${JSON.stringify(entry)}).then((module) => module.default.executablePath())`;
  const env = { ...process.env, TMPDIR: target, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' };
  const node = spawnSync(process.execPath, ['-e', code], { env, encoding: 'utf8', timeout: 120_000 });
  if (node.status !== 0) throw new Error(`${FALLBACK} could not be unpacked: ${node.stderr}`);
}
