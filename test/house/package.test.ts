import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { filesOf, importsOf, root, textOf } from './source-files.js';

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly import: string; readonly require: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
}
interface LockedPackage {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(textOf('package.json')) as Manifest;
const entries = Object.entries(manifest.exports).flatMap(([path, target]) =>
  typeof target === 'string' ? [] : [{ path, ...target }],
);

test('every export is built from a source file, for ESM and CommonJS alike', () => {
  for (const entry of entries) {
    const source = entry.import.replace('./dist/esm/', 'src/').replace(/\.js$/, '.ts');
    expect([source, existsSync(join(root, source))]).toEqual([source, true]);
    expect(entry.require).toBe(entry.import.replace('/esm/', '/cjs/'));
  }
});

test('the type checker finds each export in its source', () => {
  const { paths } = (JSON.parse(textOf('tsconfig.json')) as { compilerOptions: { paths: Record<string, string[]> } })
    .compilerOptions;
  const expected = entries.map(({ path, import: target }) => [
    manifest.name + path.slice(1),
    [target.replace('./dist/esm/', './src/').replace(/\.js$/, '.ts')],
  ]);
  expect(paths).toEqual(Object.fromEntries(expected));
});

test('every package that a source imports is declared: as a dependency, or as an optional peer', () => {
  const declared = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
  const undeclared = filesOf('src').flatMap((file) =>
    importsOf(file)
      .filter(({ target, isPackage }) => isPackage && !target.startsWith('node:') && !declared.includes(target))
      .map(({ target }) => `${file} imports ${target}`),
  );
  expect(undeclared).toEqual([]);
});

test('every peer is optional', () => {
  expect(
    Object.keys(manifest.peerDependencies).filter((name) => manifest.peerDependenciesMeta[name]?.optional !== true),
  ).toEqual([]);
});

test('the lock file names no registry, and the packages of every platform', () => {
  const { packages } = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, LockedPackage> };
  expect(Object.keys(packages).filter((path) => packages[path]?.resolved?.startsWith('http'))).toEqual([]);
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {}).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});
