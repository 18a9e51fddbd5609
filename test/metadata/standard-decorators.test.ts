import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { transform } from '@swc/core';

const run = promisify(execFile);
const root = resolve('.');
const fixture = join(root, 'test/types/standard-fixture.ts');
let folder: string;

// The sources are built twice, as the package is; the fixture is compiled with standard decorators and uses both builds.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-standard-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await Promise.all([
    compile('esm', { module: 'nodenext', moduleResolution: 'nodenext' }),
    compile('cjs', { module: 'commonjs', moduleResolution: 'bundler' }),
    compile('tsc', { experimentalDecorators: false, emitDecoratorMetadata: false }, 'test/types/standard-fixture.ts'),
  ]);
  await writeFile(join(folder, 'cjs/package.json'), '{"type":"commonjs"}');
  await mkdir(join(folder, 'fixture'));
  await cp(join(folder, 'tsc/test/types/standard-fixture.js'), join(folder, 'fixture/tsc.js'));
  const { code } = await transform(await readFile(fixture, 'utf8'), {
    swcrc: false,
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { decoratorVersion: '2022-03', useDefineForClassFields: true },
    },
    module: { type: 'es6' },
  });
  await writeFile(join(folder, 'fixture/swc.js'), code);
  for (const name of ['tsc', 'swc']) {
    const file = join(folder, `fixture/${name}.js`);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('../../src/', '../esm/src/'));
  }
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function compile(outDir: string, options: object, ...files: string[]): Promise<void> {
  const config = join(folder, `tsconfig.${outDir}.json`);
  const compilerOptions = {
    ...options,
    noEmit: false,
    rootDir: root,
    outDir: join(folder, outDir),
    typeRoots: [join(root, 'node_modules/@types')],
  };
  const include = [...files, 'src/kinds', 'src/metadata'].map((file) => join(root, file));
  await writeFile(
    config,
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include, exclude: [] }),
  );
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config]).catch((error) => {
    throw new Error(`${error.stdout}`);
  });
}

async function play(name: string, build: 'esm' | 'cjs', ...flags: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run(process.execPath, [
    ...flags,
    join(folder, `fixture/${name}.js`),
    join(folder, build, 'src/metadata'),
  ]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const expected = {
  names: ['stored', 'person'],
  keys: [['id', 'string']],
  fields: [
    ['createdAt', 'date'],
    // The language decorates accessors before fields.
    ['nick', 'string'],
    ['name', 'string'],
    ['age', 'integer'],
    ['address', 'Address'],
    ['version', 'integer'],
  ],
  ttl: 3_600_000,
  version: 5,
  entity: {
    id: '1',
    createdAt: '1970-01-01T00:00:00.005Z',
    name: 'Ann',
    age: 33,
    address: { zip: '1' },
    nick: 'A',
    secret: 1,
  },
  instances: [true, true],
  faults: [
    'Wrong.name: has no type: the compiler emitted none (design:type).',
    'Wrong.planet: is static, so it cannot be stored.',
    'Wrong.shout: is a getter, so it cannot be stored.',
    'Wrong: has no key.',
    'Wrong: has no kind.',
  ],
};

describe.each(['tsc', 'swc'])('standard decorators compiled by %s', (compiler) => {
  test('declare what legacy ones declare, with inherited fields and nested classes', async () => {
    expect(await play(compiler, 'esm')).toMatchObject(expected);
  });

  test('of the ESM build are read by the CommonJS build', async () => {
    expect(await play(compiler, 'cjs')).toMatchObject(expected);
  });

  test('work where code must not be generated', async () => {
    expect(await play(compiler, 'esm', '--disallow-code-generation-from-strings')).toMatchObject(expected);
  });
});
