import { expect } from '@jest/globals';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { type HashRepository, Holdfast, ValidationError } from '../../../src/index.js';
import type { TestDatabase } from './databases.js';
import type { SqlCase } from './sql-cases.js';
import { Author, Memo, Novel, throughClasses } from './through-entities.js';

interface Opened {
  readonly holdfast: Holdfast;
  readonly novels: HashRepository<Novel>;
  /** TypeORM's own, past Holdfast. */
  readonly dataSource: DataSource;
}

/** Runs `work` with a holdfast on a DataSource of the user's. */
async function opened(database: TestDatabase, work: (opened: Opened) => Promise<void>): Promise<void> {
  const options = { ...database.options, ...throughClasses, synchronize: true } as DataSourceOptions;
  const dataSource = await new DataSource(options).initialize();
  await dataSource.getRepository(Author).insert([
    { id: 1, name: 'Ann' },
    { id: 2, name: 'Bob' },
  ]);
  const holdfast = await Holdfast.open({
    entities: [Novel, Memo],
    fallbacks: { home: dataSource },
    synchronize: true,
    logger: false,
  });
  try {
    await work({ holdfast, novels: holdfast.repository(Novel), dataSource });
  } finally {
    await holdfast.close();
    await dataSource.destroy();
  }
}

const novel = (more: object): Novel => Object.assign(new Novel(), { isbn: 'a', title: 'Emma' }, more);
const author = Object.assign(new Author(), { id: 1, name: 'Ann' });

async function refused(change: () => unknown, message: RegExp): Promise<void> {
  const error = await (async () => change())().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ValidationError);
  expect((error as Error).message).toMatch(message);
}

/** What every tier holds is what was returned. */
async function agree(novels: HashRepository<Novel>, returned: Novel): Promise<void> {
  const expected = { ...returned };
  // The hot entry, the in-process cache, the database.
  expect({ ...(await novels.find(returned.isbn)) }).toEqual(expected);
  expect({ ...(await novels.find(returned.isbn)) }).toEqual(expected);
  expect({ ...(await novels.find(returned.isbn, { from: 'durable' })) }).toEqual(expected);
}

export const throughCases: readonly SqlCase[] = [
  {
    name: 'a change that carries a relation is refused, which says what to do, and nothing is written',
    run: (database) =>
      opened(database, async ({ novels, holdfast, dataSource }) => {
        const message =
          /^Novel\.author is a relation \(many-to-one\), which Holdfast does not store; nothing was written\. .*@JoinColumn.*TypeORM's own repository.*evict\(\)/;
        await refused(() => novels.save(novel({ author })), message);
        await refused(() => novels.save([novel({ isbn: 'b' }), novel({ author: { id: 1 } })]), message);
        await refused(() => novels.insert(novel({ author: null })), message);
        await refused(() => novels.save({ isbn: 'a', title: 'Emma', author } as never), message);
        await refused(() => novels.create({ isbn: 'a', title: 'Emma', author } as never), message);
        await refused(() => holdfast.batch(async (b) => b.repository(Novel).save(novel({ author }))), message);
        await refused(
          () => novels.save(Object.assign(dataSource.getRepository(Novel).create(), novel({ reader: author }))),
          /^Novel\.reader is a relation/,
        );
        expect(await dataSource.getRepository(Novel).count()).toBe(0);

        await novels.save(novel({}));
        await refused(() => novels.update('a', { author }), message);
        await refused(() => novels.update('a', novel({ author })), message);
        await refused(
          () =>
            novels.update('a', (found) => {
              found.title = 'Other';
              found.author = author;
            }),
          message,
        );
        expect((await novels.find('a'))!.title).toBe('Emma');
        // What TypeORM itself made, with a lazy relation that nobody touched.
        await novels.save(Object.assign(dataSource.getRepository(Novel).create(), { isbn: 'l', title: 'Lazy' }));
      }),
  },
  {
    name: 'a relation that TypeORM stored stays, and one whose column is a field is set by it',
    run: (database) =>
      opened(database, async ({ novels, dataSource }) => {
        const theirs = dataSource.getRepository(Novel);
        await theirs.save(novel({ author }));
        const found = (await novels.find('a'))!;
        expect(found.author).toBe(undefined);
        await novels.save(Object.assign(found, { title: 'Persuasion', editorId: 2 }));
        await novels.update('a', { cover: 'cloth' });
        const read = await theirs.findOneOrFail({ where: { isbn: 'a' }, relations: { author: true, editor: true } });
        expect(read).toMatchObject({ title: 'Persuasion', cover: 'cloth', author: { id: 1 }, editor: { id: 2 } });
      }),
  },
  {
    name: 'a save fills in what listeners, subscribers, TypeORM and the database put there, as any tier shows it',
    run: (database) =>
      opened(database, async ({ novels, holdfast }) => {
        const given = novel({});
        const saved = await novels.save(given);
        expect(saved).toBe(given);
        expect(saved).toMatchObject({ slug: 'emma', heard: 'of Emma', cover: 'paper', stock: 7, shouted: 'EMMA' });
        expect([saved.createdAt, saved.updatedAt, saved.revision]).toEqual([expect.any(Date), expect.any(Date), 1]);
        await agree(novels, saved);

        await novels.save(Object.assign(saved, { title: 'Sanditon' }));
        expect(saved).toMatchObject({ slug: 'sanditon', heard: 'of Emma', shouted: 'SANDITON', revision: 2 });
        await agree(novels, saved);

        const updated = await novels.update('a', { title: 'Lesley' });
        expect(updated).toMatchObject({ slug: 'lesley', shouted: 'LESLEY', revision: 3 });
        await agree(novels, updated);

        const plain = { isbn: 'p', title: 'Plain', cover: null };
        const [filled] = await novels.insert([plain as Novel]);
        expect(filled).toBe(plain);
        expect(filled).toMatchObject({ slug: 'plain', heard: 'of Plain', cover: null, stock: 7, revision: 1 });
        await agree(novels, filled!);

        const batched = novel({ isbn: 'batched' });
        await holdfast.batch(async (b) => b.repository(Novel).save(batched));
        expect(batched.slug).toBe('emma');
        await agree(novels, batched);
      }),
  },
  {
    name: 'a deleted entity is softly deleted and absent everywhere, and can be saved again',
    run: (database) =>
      opened(database, async ({ novels, dataSource }) => {
        const saved = await novels.save(novel({ cover: 'cloth' }));
        expect(await novels.delete('a')).toBe(true);
        expect(await novels.delete('a')).toBe(false);
        for (const options of [{}, { from: 'durable' }] as const)
          expect(await novels.find('a', options)).toBe(undefined);
        expect([await novels.exists('a'), await novels.count()]).toEqual([false, 0]);
        const theirs = dataSource.getRepository(Novel);
        expect((await theirs.findOneOrFail({ where: { isbn: 'a' }, withDeleted: true })).deletedAt).toBeInstanceOf(
          Date,
        );
        await refused(
          () => novels.save(novel({ isbn: 'b', deletedAt: new Date() })),
          /^Novel "b" is not there after TypeORM has saved it.*delete\(\)/,
        );
        expect(await theirs.count({ withDeleted: true })).toBe(1);

        const again = await novels.insert(novel({ title: 'Again' }));
        expect(again).toMatchObject({ slug: 'again', deletedAt: null, cover: null });
        expect(saved.deletedAt).toBe(null);
        await agree(novels, again);
      }),
  },
  {
    name: 'a listener that gives the entity another key, or takes it away, makes the write fail, and nothing is written',
    run: (database) =>
      opened(database, async ({ novels, dataSource }) => {
        const message = /^Novel "a" is not there after TypeORM has saved it.*nothing was written/;
        await novels.save(novel({ isbn: 'stays' }));
        await refused(() => novels.insert(novel({ title: 'Moved' })), message);
        await refused(() => novels.insert(novel({ title: 'Gone' })), message);
        await refused(
          () => novels.save([novel({ isbn: 'stays', title: 'New', revision: 1 }), novel({ title: 'Gone' })]),
          message,
        );
        await refused(() => novels.update('stays', { title: 'Gone' }), /^Novel "stays" is not there/);
        expect(await novels.find('stays')).toMatchObject({ title: 'Emma' });
        expect(await dataSource.getRepository(Novel).count({ withDeleted: true })).toBe(1);
      }),
  },
  {
    name: 'of a URL, tables are made with computed columns, and subscribers are called',
    async run(database) {
      const holdfast = await Holdfast.open({
        entities: [Novel],
        // As README says: for the other scheme, TypeORM writes SQL for MySQL.
        fallbacks: { home: database.url.replace(/^mysql:/, 'mariadb:') },
        synchronize: true,
        logger: false,
      });
      try {
        const novels = holdfast.repository(Novel);
        expect(await novels.save(novel({}))).toMatchObject({ heard: 'of Emma', shouted: 'EMMA' });
      } finally {
        await holdfast.close();
      }
    },
  },
  {
    name: 'a frozen entity stays as it is, and what comes back is what was stored',
    run: (database) =>
      opened(database, async ({ holdfast }) => {
        const memos = holdfast.repository(Memo);
        const given = Object.freeze(Object.assign(new Memo(), { id: 'x' }));
        const saved = await memos.save(given);
        expect([given.text, saved.text]).toEqual([undefined, 'about x']);
        expect(saved).toEqual(await memos.find('x'));
      }),
  },
];
