/** A user's project: a folder outside this checkout, so that nothing of ours is found from it, with the packed plugin. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

export interface InstallOptions {
  /** Versions that win over those of the project's `package.json`, by the package's name. */
  readonly versions?: Readonly<Record<string, string>>;
}

/** What of a `package.json` matters here. */
interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

const PROJECTS = path.join(import.meta.dirname, 'projects');
const CACHE = path.join(import.meta.dirname, '../../node_modules/.cache/package-projects');
const COMMAND_TIMEOUT_MS = 120_000; // a cold npm cache and a slow link included
const NPM_INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--silent'];

/** Sets up one of `projects/`: its dependencies from a cache of earlier runs, the plugin from the tarball, always anew. */
export async function installProject(name: string, options: InstallOptions = {}): Promise<InstalledProject> {
  const source = path.join(PROJECTS, name);
  const installed = await installDependencies(name, await readManifest(source, options));
  const project = new InstalledProject(await mkdtemp(path.join(os.tmpdir(), `${name}-`)));
  try {
    await cp(installed, project.folder, { recursive: true, verbatimSymlinks: true });
    await copyFiles(source, project);
    await runIn(project.folder, 'npm', [...NPM_INSTALL, tarball()]);
    return project;
  } catch (error) {
    await project.dispose();
    throw error;
  }
}

export class InstalledProject {
  constructor(readonly folder: string) {}

  /** Absolute path of a file or folder of the project. */
  path(relative: string): string {
    return path.join(this.folder, relative);
  }

  /** The declarations of one of the package's entries. */
  declarations(entry: 'index' | 'howler' | 'core'): string {
    return this.path(`node_modules/phaser-streaming-audio/dist/types/${entry}.d.ts`);
  }

  /** Every file that the package brought, by its path in it. */
  async packageFiles(): Promise<string[]> {
    const home = this.path('node_modules/phaser-streaming-audio');
    const entries = await readdir(home, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map((file) => path.relative(home, path.join(file.parentPath, file.name))).toSorted();
  }

  /** Runs a tool that is installed in the project; gives what it prints, and rejects with that where it fails. */
  run(tool: string, ...args: string[]): Promise<string> {
    return runIn(this.folder, this.path(`node_modules/.bin/${tool}`), args);
  }

  /** Runs a script of the project in this very Node. */
  runNode(...args: string[]): Promise<string> {
    return runIn(this.folder, process.execPath, args);
  }

  async dispose(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function readManifest(folder: string, { versions = {} }: InstallOptions): Promise<Manifest> {
  const manifest: Manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  return { ...manifest, dependencies: { ...manifest.dependencies, ...versions } };
}

/** Installs beside the final place and moves at the end, so that a run that breaks off leaves nothing half installed. */
async function installDependencies(name: string, manifest: Manifest): Promise<string> {
  const json = JSON.stringify(manifest);
  const target = path.join(CACHE, `${name}-${createHash('sha1').update(json).digest('hex').slice(0, 12)}`);
  if (existsSync(target)) return target;
  const fresh = `${target}-${process.pid}`;
  await mkdir(fresh, { recursive: true });
  await writeFile(path.join(fresh, 'package.json'), json);
  await runIn(fresh, 'npm', NPM_INSTALL);
  await rename(fresh, target);
  return target;
}

/** TypeScript lies there as `.ts.txt`: inside this checkout nothing could be made of its imports. */
async function copyFiles(source: string, project: InstalledProject): Promise<void> {
  const files = (await readdir(source)).filter((file) => file !== 'package.json');
  for (const file of files) await cp(path.join(source, file), project.path(file.replace(/\.txt$/, '')));
}

function tarball(): string {
  const file = process.env['TEST_TARBALL'];
  if (file === undefined) throw new Error('Only the `package` tests have a tarball: name the file *.package.test.ts.');
  return file;
}

/** Without the environment that Jest gives its workers: no user has that. */
function runIn(folder: string, command: string, args: readonly string[]): Promise<string> {
  const { NODE_ENV: _, ...env } = process.env;
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd: folder, env, timeout: COMMAND_TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error }));
      else resolve(stdout);
    });
  });
}
