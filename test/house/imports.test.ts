import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { filesOf, type Import, importsOf, root } from './source-files.js';

const EVERY_ROOM = ['core', 'metadata', 'kinds', 'hot', 'fallbacks', 'policies', 'tiers', 'repository', 'root'];

/** What the files of each folder of `src` may import, beside those of their own folder. `root` is `src` itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  metadata: ['core'],
  kinds: ['core', 'metadata'],
  hot: ['core'],
  fallbacks: ['core'],
  policies: ['core'],
  tiers: ['core', 'policies'],
  repository: ['core', 'metadata', 'policies', 'tiers'],
  root: [...EVERY_ROOM, 'adapters'],
  testing: EVERY_ROOM,
  adapters: ['root', 'core', 'metadata', 'repository'],
  dialog: ['root'],
  values: ['root'],
};

/** Rooms on top, which know of the others only what every user does. */
const ON_PUBLIC_NAMES = ['dialog', 'values'];
const DOORS = ['testing', ...ON_PUBLIC_NAMES];

/** Beside that: Redis as a fallback speaks to it with the hot tier's client and scripts. */
const SHARED: Readonly<Record<string, string>> = { 'src/fallbacks/redis/': 'src/hot/redis/' };

/** The packages that are there wherever Holdfast is; every other one is loaded by what asks for it. */
const ALWAYS_THERE = ['lru-cache', 'opossum', 'reflect-metadata'];

const imports = new Map<string, Import[]>(filesOf('src').map((file) => [file, importsOf(file)]));
/** The folder of `src` that a file belongs to; `src/testing.ts`, `src/dialog.ts` and `src/values.ts` are the doors of such folders. */
const roomOf = (file: string) => {
  const room = file.split('/')[1]!.replace(/\.ts$/, '');
  return file.split('/').length > 2 || DOORS.includes(room) ? room : 'root';
};

test('every imported file exists', () => {
  const missing = [...imports].flatMap(([file, list]) =>
    list
      .filter(({ target, isPackage }) => !isPackage && !existsSync(join(root, target)))
      .map(({ target }) => `${file} imports ${target}`),
  );
  expect(missing).toEqual([]);
});

test('every folder of src is one of the rooms', () => {
  expect([...new Set([...imports.keys()].map(roomOf))].filter((room) => !(room in MAY_IMPORT))).toEqual([]);
});

test('imports point in one direction: from the composition to the core', () => {
  const wrong = [...imports].flatMap(([file, list]) =>
    list
      .filter(({ target, isPackage }) => !isPackage && !mayImport(file, target))
      .map(({ target }) => `${file} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('what is built on top goes by the public names alone', () => {
  const deeper = [...imports].flatMap(([file, list]) =>
    list
      .filter(({ target, isPackage }) => !isPackage && roomOf(target) !== roomOf(file) && target !== 'src/index.ts')
      .filter(() => ON_PUBLIC_NAMES.includes(roomOf(file)))
      .map(({ target }) => `${file} imports ${target}`),
  );
  expect(deeper).toEqual([]);
});

function mayImport(file: string, target: string): boolean {
  const [from, to] = [roomOf(file), roomOf(target)];
  if (from === to || MAY_IMPORT[from]?.includes(to)) return true;
  return Object.entries(SHARED).some(([room, shared]) => file.startsWith(room) && target.startsWith(shared));
}

test('dialogs are built on the public names alone', () => {
  const inside = [...imports].flatMap(([file, list]) =>
    roomOf(file) === 'dialog'
      ? list.filter(({ target, isPackage }) => !isPackage && roomOf(target) !== 'dialog' && target !== 'src/index.ts')
      : [],
  );
  expect(inside).toEqual([]);
});

test('the composition root knows no kind and no driver: they arrive as values, or are loaded when asked for', () => {
  const known = imports
    .get('src/holdfast.ts')
    ?.filter(({ target, when }) => when === 'load' && ['kinds', 'fallbacks', 'hot'].includes(roomOf(target)));
  expect(known).toEqual([]);
});

test('no file imports itself, over whatever detour', () => {
  expect(cycles()).toEqual([]);
});

test('the root export loads no package but those that are always there', () => {
  expect(packagesLoadedBy('src/index.ts').filter((name) => !ALWAYS_THERE.includes(name))).toEqual([]);
});

test.each([
  ['src/testing.ts', []],
  ['src/dialog.ts', []],
  ['src/values.ts', []],
  ['src/adapters/nestjs.ts', ['@nestjs/common', '@nestjs/core']],
  ['src/adapters/tsyringe.ts', ['tsyringe']],
  ['src/fallbacks/datastore.ts', []],
  ['src/typeorm.ts', ['typeorm']],
  ['src/fallbacks/mongodb.ts', []],
])('%s loads no driver but its own', (entry, own: readonly string[]) => {
  expect(imports.has(entry)).toBe(true);
  expect(packagesLoadedBy(entry).filter((name) => !ALWAYS_THERE.includes(name) && !own.includes(name))).toEqual([]);
});

/** All packages that are loaded when the file is. */
function packagesLoadedBy(entry: string): string[] {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { target, isPackage, when } of imports.get(file) ?? []) {
      if (when !== 'load') continue;
      if (!isPackage) visit(target);
      else if (!target.startsWith('node:')) packages.add(target);
    }
  };
  visit(entry);
  return [...packages].sort();
}

/** Each way from a file back to itself, once. */
function cycles(): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' > '));
    if (done.has(file) || path.includes(file)) return;
    for (const edge of imports.get(file) ?? [])
      if (!edge.isPackage && edge.when === 'load') visit(edge.target, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}
