import { test } from '@jest/globals';
import { membersOf } from '../../src/core/collection.js';
import type { CollectionChange } from '../../src/core/kind.js';
import { Entity, Fallback, Key, Members, SortedSet, type SortedSetMembers } from '../../src/index.js';
import { Person, Visitor } from './entities.js';
import { history, type Registers, type Subject } from './history.js';

const found = (id: string, name: string | undefined): Registers =>
  new Map([[id, name === undefined ? null : Number(name)]]);

/** One register for each key. */
const hashes = (entity: typeof Person | typeof Visitor): Subject => ({
  entity,
  cached: entity === Visitor,
  atOnce: 6,
  landed: ({ key, change }) =>
    new Map([[key.id, change.type === 'delete' ? null : Number((change as unknown as { row: string[] }).row[0])]]),
  act({ repository, id, chance, next, emptied }) {
    if (chance(0.3)) {
      const n = next();
      const hot = chance(0.8) ? 'always' : chance(0.5) ? 'ifPresent' : 'never';
      return {
        what: `saves ${id}=${n}`,
        writes: new Map([[id, n]]),
        run: () => repository.save({ id, name: String(n) }, { hot }),
      };
    }
    if (chance(0.1) && !emptied(id))
      return { what: `deletes ${id}`, writes: new Map([[id, null]]), run: () => repository.delete(id) };
    if (chance(0.1)) return { what: `evicts ${id}`, run: () => repository.evict(id) };
    const options = chance(0.2) ? { fields: ['name'] } : undefined;
    return {
      what: `finds ${id}`,
      reads: [id],
      run: async () => found(id, (await repository.find(id, options))?.name),
    };
  },
  all: async (repository, id) => found(id, (await repository.find(id))?.name),
});

@Entity()
@SortedSet({ ttl: '1h', jitter: 0 })
@Fallback('home')
class Playlist {
  @Key() id!: string;
  @Members() tracks!: SortedSetMembers;
}

/** The members of a playlist, each a register that holds its score. */
const MEMBERS = ['a', 'b'];

/** One register for each member of each playlist: written one by one, several at once, and as a whole. */
const playlists: Subject = {
  entity: Playlist,
  cached: false,
  atOnce: 3,
  landed({ key, change }) {
    const made = change as CollectionChange;
    const whole = (scoreOf: (member: string) => number | null) =>
      new Map(MEMBERS.map((member) => [`${key.id}/${member}`, scoreOf(member)]));
    switch (made.type) {
      case 'put': {
        const members = membersOf(made.row);
        return whole((member) => members.get(member)?.score ?? null);
      }
      case 'delete':
        return whole(() => null);
      case 'add':
        return new Map(made.members.map(({ text, score }) => [`${key.id}/${text}`, score]));
      case 'remove':
        return new Map(made.texts.map((text) => [`${key.id}/${text}`, null]));
      default:
        throw new Error(made.type);
    }
  },
  act({ repository, id, chance, next, emptied }) {
    const member = chance(0.6) ? 'a' : 'b';
    const registers = (members: readonly string[]) => members.map((one) => `${id}/${one}`);
    if (chance(0.25)) {
      const scored = (chance(0.35) ? MEMBERS : [member]).map((one) => ({ member: one, score: next() }));
      const writes = new Map(scored.map((one) => [`${id}/${one.member}`, one.score]));
      const what = scored.map((one) => `${one.member}=${one.score}`).join(' ');
      if (scored.length === MEMBERS.length && chance(0.7))
        return { what: `saves ${id} as ${what}`, writes, run: () => repository.save({ id, tracks: scored }) };
      return { what: `adds ${what} to ${id}`, writes, run: () => repository.add(id, ...scored) };
    }
    if (chance(0.06) && !emptied(`${id}/${member}`))
      return {
        what: `removes ${member} from ${id}`,
        writes: new Map([[`${id}/${member}`, null]]),
        run: () => repository.remove(id, member),
      };
    if (chance(0.02)) return { what: `evicts ${id}`, run: () => repository.evict(id) };
    if (chance(0.3))
      return {
        what: `asks for ${member} of ${id}`,
        reads: registers([member]),
        run: async () => new Map([[`${id}/${member}`, (await repository.score(id, member)) ?? null]]),
      };
    if (chance(0.7))
      return { what: `finds ${id}`, reads: registers(MEMBERS), run: () => playlists.all(repository, id) };
    return {
      what: `asks for the page of ${id}`,
      reads: registers(MEMBERS),
      run: async () => scoresOf(id, await repository.range(id, { limit: 10, withScores: true })),
    };
  },
  all: async (repository, id) => scoresOf(id, (await repository.find(id))?.tracks ?? []),
};

const scoresOf = (id: string, members: readonly { readonly member: string; readonly score: number }[]): Registers =>
  new Map(members.map(({ member, score }) => [`${id}/${member}`, score]));

const cases = [
  ['of members of collections, by three processes', playlists, 3, false],
  [
    'of members of collections, by three processes that lose the hot tier now and then, as far as each wrote itself',
    playlists,
    3,
    true,
  ],
  ['of members of collections, by one process that loses the hot tier now and then', playlists, 1, true],
  ['of three processes', hashes(Person), 3, false],
  ['of three processes with caches of their own, as far as each wrote itself', hashes(Visitor), 3, false],
  ['of three processes that lose the hot tier now and then, as far as each wrote itself', hashes(Person), 3, true],
  ['of one process that loses the hot tier now and then', hashes(Person), 1, true],
  ['of one process with a cache that loses the hot tier now and then', hashes(Visitor), 1, true],
] as const;

const HISTORIES = Number(process.env.HISTORIES ?? 60);

test.each(cases)(
  'no read begun after an acknowledged write gives what was before it: %s',
  async (_, subject, processes, hotFaults) => {
    const first = Number(process.env.SEED ?? 1);
    for (let seed = first; seed < first + HISTORIES; seed++)
      await history({ seed, subject, processes, steps: 250, hotFaults });
  },
  Math.max(60_000, HISTORIES * 200),
);
