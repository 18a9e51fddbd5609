import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

/** A file, or one for each condition. */
type Target = string | { readonly [condition: string]: Target };

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, Target>>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);
const manifest = require('../../package.json') as Manifest;
const SLOW = 180_000;

let users: string;
let installed: string;

// What npm and Jest tell their children is about this project, not about its users'.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|JEST_|NODE_OPTIONS|NODE_ENV)/.test(name)),
);

/** Runs a program to its end. @throws Error with its output where it fails. */
async function run(cwd: string, command: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(command, args, { cwd, env, maxBuffer: 1 << 24 })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${[command, ...args].join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}
/** The files of an export, whatever the condition. */
const targets = (target: Target): string[] =>
  typeof target === 'string' ? [target] : Object.values(target).flatMap(targets);
const node = (project: string, ...args: readonly string[]) => run(join(users, project), process.execPath, ...args);

beforeAll(async () => {
  users = await mkdtemp(join(tmpdir(), 'holdfast-packed-'));
  await cp(new URL('projects/', import.meta.url), users, { recursive: true });
  await cp(join(root, 'samples/01-hash-entity.ts'), join(users, 'typescript/main.ts'));
  await run(root, 'npm', 'pack', '--pack-destination', users);
  const tarball = (await readdir(users)).find((file) => file.endsWith('.tgz'))!;
  await run(users, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--prefix', users, `./${tarball}`);
  installed = join(users, 'node_modules/holdfast');
}, SLOW);

afterAll(() => rm(users, { recursive: true, force: true }));

test('the package holds the two builds and what a reader needs, nothing else', async () => {
  expect((await readdir(installed)).sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']);
  expect((await readdir(join(installed, 'dist'))).sort()).toEqual(['cjs', 'esm']);
});

test('it brings its three dependencies with it, and no optional peer', async () => {
  const packages = (await readdir(join(users, 'node_modules'))).filter((name) => !name.startsWith('.'));
  expect(packages.sort()).toEqual(['holdfast', ...Object.keys(manifest.dependencies)].sort());
});

test('every export is there for ESM and CommonJS, with its types', async () => {
  for (const [path, target] of Object.entries(manifest.exports)) {
    if (typeof target === 'string') continue;
    expect([path, Object.keys(target)]).toEqual([path, expect.arrayContaining(['import', 'require'])]);
    for (const file of targets(target)) {
      await readFile(join(installed, file));
      await readFile(join(installed, file.replace(/(?<!\.d\.[cm]?ts)(\.[cm]?)js$/, '.d$1ts')));
    }
  }
});

test('an ESM project in JavaScript runs it, with nothing else installed', async () => {
  expect(await node('esm', 'main.js')).toBe("Person { id: 'john_doe', name: 'John Doe', age: 33 }\n");
});

test('both builds share one registry', async () => {
  expect(await node('esm', 'both-builds.js')).toBe('Ann Ann animal monkeys\n');
});

test('an option whose package is missing says which one, and how to install it', async () => {
  const said = JSON.parse(await node('esm', 'missing-packages.js')) as Record<
    string,
    { code: string; packageName: string; message: string }
  >;
  const code = 'MISSING_PACKAGE';
  expect(said).toMatchObject({
    redis: { code, packageName: 'ioredis', message: expect.stringContaining('npm install ioredis') },
    postgresql: { code, packageName: 'typeorm', message: expect.stringContaining('npm install typeorm') },
    mysql: { code, packageName: 'typeorm' },
    sqlite: { code, packageName: 'typeorm' },
    datastore: { code, packageName: '@google-cloud/datastore' },
    mongodb: { code, packageName: 'mongodb', message: expect.stringContaining('npm install mongodb') },
    // It declares tables for TypeORM without loading it.
    typeorm: 'loaded',
  });
});

test.each(['esm', 'commonjs'])(
  'a path whose package is missing says so in %s: which one, and how to install it',
  async (project) => {
    const said = JSON.parse(await node(project, 'missing-packages.js')) as Record<string, unknown>;
    const code = 'MISSING_PACKAGE';
    const telling = (path: string, name: string) =>
      `The import of 'holdfast/${path}' needs the package '${name}', which is not installed. Install it: npm install ${name}`;
    expect(said).toMatchObject({
      nestjs: { code, ours: true, packageName: '@nestjs/common', message: telling('nestjs', '@nestjs/common') },
      tsyringe: { code, ours: true, packageName: 'tsyringe', message: telling('tsyringe', 'tsyringe') },
      'fallbacks/datastore': 'loaded',
      'fallbacks/mongodb': 'loaded',
    });
  },
);

test.each(['nestjs', 'tsyringe'])('with its packages there, holdfast/%s is the same by every way', async (path) => {
  const script = `
    const names = (loaded) => Object.keys(loaded).filter((name) => !['default', 'module.exports', '__esModule'].includes(name)).sort();
    const same = (a, b) => names(a).length > 0 && names(a).join() === names(b).join() && names(a).every((name) => a[name] === b[name]);
    Promise.all([import('holdfast/${path}'), import('./dist/esm/adapters/${path}.js')]).then(([named, whole]) => {
      const required = require('holdfast/${path}');
      console.log(same(named, whole), same(required, require('./dist/cjs/adapters/${path}.js')), names(required).join() === names(whole).join());
    });`;
  expect(await run(root, process.execPath, '--no-warnings', '-e', script)).toBe('true true true\n');
});

test(
  'a CommonJS project tests its code with Jest as Jest comes',
  async () => {
    const jest = join(dirname(require.resolve('jest/package.json')), 'bin/jest.js');
    await node('commonjs', jest, '--rootDir', join(users, 'commonjs'));
  },
  SLOW,
);

test('the root export loads no driver, though all are installed', async () => {
  const loaded = await run(
    root,
    process.execPath,
    '-e',
    "require('holdfast'); console.log(Object.keys(require.cache).join('\\n'))",
  );
  const packages = [...loaded.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].map((match) => match[1]!);
  expect(Object.keys(manifest.dependencies)).toEqual(expect.arrayContaining(packages));
});

describe.each(['typescript', 'typescript-5.9'])('compiled with %s', (compiler) => {
  const tsc = join(dirname(require.resolve(`${compiler}/package.json`)), 'bin/tsc');
  const compile = (project: string) => node(project, tsc, '-p', '.', '--outDir', `./${compiler}`);

  test(
    'a strict project with legacy decorators compiles without a peer installed, and runs',
    async () => {
      await compile('typescript');
      expect(await node('typescript', `${compiler}/main.js`)).toBe(
        "Person { id: 'john_doe', name: 'John Doe', age: 33 }\n",
      );
      expect(await node('typescript', `${compiler}/common.cjs`)).toBe("Animal { id: 'cat', legs: 4 }\n");
    },
    SLOW,
  );

  test(
    'a strict project with standard decorators compiles, and runs',
    async () => {
      await compile('typescript-standard');
      expect(await node('typescript-standard', `${compiler}/main.js`)).toBe(
        "Person { id: 'john_doe', name: 'John Doe', age: 33, version: 1 }\n",
      );
    },
    SLOW,
  );
});
