import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../core/clock.js';
import { ValidationError } from '../../core/errors.js';
import { type KeyedChange, StoreFault, type WriteResult } from '../../core/fallback-driver.js';
import { getOrMake } from '../../core/get-or-make.js';
import type { CollectionChange, RowChange } from '../../core/kind.js';
import { Turns } from '../turns.js';
import { Contention } from './faults.js';
import type { Generations } from './generations.js';
import { type DatastoreLink, MOST_MUTATIONS, type Transaction } from './link.js';
import type { Place, Target } from './place.js';
import { isBlind, writeRow } from './row-write.js';
import { Staging } from './staging.js';
import { attempt } from './transaction.js';
import { pathText } from './wire.js';

// Writers of one process take turns; so many changes by other processes in a row are a fault of its own.
const MOST_TRIES = 30;
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 500;

export interface WritesOptions {
  readonly link: DatastoreLink;
  readonly generations: Generations;
  readonly clock: Clock;
  /** Milliseconds after which a write that others are always faster than is given up. */
  readonly patience: number;
  place(schema: KeyedChange['schema']): Place;
}

/** Makes changes: one row in one or two round trips, anything else in a transaction; again where another writer was faster. */
export class Writes {
  readonly #options: WritesOptions;
  readonly #turns = new Turns();

  constructor(options: WritesOptions) {
    this.#options = options;
  }

  async write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    const { link, clock } = this.#options;
    const targets = this.#targets(changes);
    const [first] = changes as readonly [KeyedChange];
    const [target] = targets;
    if (changes.length === 1 && target && target.place.members === undefined) {
      const { path, place } = target;
      const write = () => this.#retried(() => writeRow(link, place.layout, path, first, () => clock.now()));
      return isBlind(first.change as RowChange) ? write() : this.#turns.take([pathText(path)], write);
    }
    return this.#turns.take(targets.flatMap(turnsOf), () => this.#inTransaction(changes, targets));
  }

  async #inTransaction(changes: readonly KeyedChange[], targets: readonly Target[]): Promise<WriteResult> {
    const { generations } = this.#options;
    const staging = new Staging(generations);
    let previous: Transaction | undefined;
    try {
      return await this.#retried(async () => {
        for (;;) {
          const made = await attempt({ ...this.#options, staging }, changes, targets, previous);
          if (made.type === 'made') return made.result;
          if (made.type === 'contended') {
            previous = made.transaction;
            throw made.contention;
          }
          // What is too much for one commit is written ahead; then all is looked at anew.
          await staging.write(made.fresh);
        }
      });
    } finally {
      staging.end();
    }
  }

  async #retried(write: () => Promise<WriteResult>): Promise<WriteResult> {
    const start = performance.now();
    for (let tries = 1; ; tries++)
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof Contention)) throw error;
        if (tries === MOST_TRIES || performance.now() - start > this.#options.patience)
          throw new StoreFault(
            `${this.#options.link.subject}: others changed the same entities each of the ${tries} times it was tried (${error.message}). Try again later.`,
            'none',
            { cause: error },
          );
        await sleep(Math.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** tries));
      }
  }

  /** @throws ValidationError for keys, or a number of them, that the service cannot take */
  #targets(changes: readonly KeyedChange[]): Target[] {
    const targets = new Map<string, Target>();
    for (const [index, given] of changes.entries()) {
      const place = this.#options.place(given.schema);
      const path = place.layout.pathToWrite(given.key);
      const id = pathText(path);
      getOrMake(targets, id, (): Target => ({ place, path, changes: [] })).changes.push({ index, given });
    }
    if (targets.size > MOST_MUTATIONS)
      throw new ValidationError(
        `A write of ${targets.size} entities (${changes[0]!.schema.target.name} ${changes[0]!.key.id}, …) was given to Datastore, which writes at most ${MOST_MUTATIONS} all or none; nothing was written. Write fewer at once.`,
      );
    return [...targets.values()];
  }
}

/** Changes of members that nobody else's depend on only wait for those of the same members. */
function turnsOf({ place: { members }, path, changes }: Target): string[] {
  const id = pathText(path);
  if (!members || members.counts) return [id];
  const texts = new Set<string>();
  for (const { given } of changes) {
    const change = given.change as CollectionChange;
    if (change.type === 'add') for (const { text } of change.members) texts.add(text);
    else if (change.type === 'remove') for (const text of change.texts) texts.add(text);
    else if (change.type === 'increment') texts.add(change.text);
    else return [id];
  }
  return [...texts].map((text) => `${id}\n\n${text}`);
}
