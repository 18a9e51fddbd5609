import { randomBytes } from 'node:crypto';
import { getOrMake } from '../../../src/core/get-or-make.js';
import { type StoredKey, storedKey } from './keys.js';
import { Refusal, type WireEntity, type WireKey, type WireMutation } from './wire.js';

/** One version of an entity; `undefined` where it was deleted. */
interface Version {
  readonly version: number;
  readonly entity: WireEntity | undefined;
}

export interface Stored {
  readonly key: StoredKey;
  readonly version: number;
  readonly entity: WireEntity;
}

interface Kept {
  readonly key: StoredKey;
  versions: Version[];
}

/** What a transaction has read, so that its commit can tell whether it still holds. */
interface Look {
  readonly id: string;
  /** What is seen at a version; the same text where it is the same. */
  readonly seen: (version: number) => string;
  readonly was: string;
  /** Whether it is about this entity, of which there is, or will be, one of these. */
  readonly covers: (partition: string, key: StoredKey, entities: readonly Stored[]) => boolean;
}

export interface Transaction {
  readonly id: string;
  readonly readOnly: boolean;
  readonly snapshot: number;
  readonly looks: Look[];
}

/** What came of one mutation. */
export interface Mutated {
  readonly version: number;
  readonly conflict: boolean;
}

/** All entities, each with its versions, and the transactions that are open. Conflicts are found at the commit. */
export class DatastoreStore {
  readonly #kinds = new Map<string, Map<string, Kept>>();
  readonly #transactions = new Map<string, Transaction>();
  #version = 1000;

  get version(): number {
    return this.#version;
  }

  get openTransactions(): number {
    return this.#transactions.size;
  }

  begin(readOnly: boolean): Transaction {
    const transaction = { id: randomBytes(12).toString('base64'), readOnly, snapshot: this.#version, looks: [] };
    this.#transactions.set(transaction.id, transaction);
    return transaction;
  }

  /** @throws Refusal */
  transaction(id: Buffer): Transaction {
    const found = this.#transactions.get(id.toString('base64'));
    if (!found) throw new Refusal('INVALID_ARGUMENT', 'the referenced transaction has expired or is no longer valid');
    return found;
  }

  end(transaction: Transaction): void {
    this.#transactions.delete(transaction.id);
  }

  /** The entity of a key at a version. */
  at(partition: string, key: StoredKey, version: number): Stored | undefined {
    const record = this.#kinds.get(kindId(partition, key.kind))?.get(key.text);
    return record && visible(record, version);
  }

  *ofKind(partition: string, kind: string, version: number): Iterable<Stored> {
    for (const record of this.#kinds.get(kindId(partition, kind))?.values() ?? []) {
      const stored = visible(record, version);
      if (stored) yield stored;
    }
  }

  /** The kinds of a partition that have an entity. */
  kinds(partition: string, version: number): string[] {
    const found: string[] = [];
    for (const [id, records] of this.#kinds) {
      const [of, kind] = JSON.parse(id) as [string, string];
      if (of === partition && [...records.values()].some((record) => visible(record, version))) found.push(kind);
    }
    return found;
  }

  /** @throws Refusal where what the transaction has read is not so any more */
  checkReads({ looks }: Transaction): void {
    for (const { seen, was } of looks)
      if (seen(this.#version) !== was)
        throw new Refusal(
          'ABORTED',
          'Aborted due to cross-transaction contention. This occurs when multiple transactions attempt to access the same data.',
        );
  }

  /** Whether a transaction that is open, and another than this one, has read what the mutations write. */
  isLocked(partition: string, mutations: readonly WireMutation[], own: Transaction | undefined): boolean {
    const others = [...this.#transactions.values()].filter((one) => one !== own && !one.readOnly);
    return mutations.some((mutation) => {
      const given = mutation.operation === 'delete' ? undefined : mutation[mutation.operation]!;
      const key = storedKey((given?.key ?? mutation.delete) as WireKey);
      const before = this.at(partition, key, this.#version);
      const entities = [before ?? [], given ? { key, version: 0, entity: given } : []].flat();
      return others.some(({ looks }) => looks.some(({ covers }) => covers(partition, key, entities)));
    });
  }

  /** All mutations, or none. @throws Refusal */
  mutate(partition: string, mutations: readonly WireMutation[]): Mutated[] {
    const next = this.#version + 1;
    const undo: (() => void)[] = [];
    try {
      const made = mutations.map((mutation) => this.#mutate(partition, mutation, next, undo));
      this.#version = next;
      this.#prune();
      return made;
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    }
  }

  #mutate(partition: string, mutation: WireMutation, next: number, undo: (() => void)[]): Mutated {
    const { operation } = mutation;
    const given = operation === 'delete' ? undefined : mutation[operation]!;
    const key = storedKey((given?.key ?? mutation.delete) as WireKey);
    const record = this.#record(partition, key);
    const there = visible(record, next);
    if (mutation.baseVersion !== undefined && Number(mutation.baseVersion) !== (there?.version ?? 0)) {
      if (mutation.conflictResolutionStrategy === 'FAIL') throw new Refusal('ABORTED', 'the base version is another');
      return { version: there?.version ?? this.#version, conflict: true };
    }
    if (operation === 'insert' && there) throw new Refusal('ALREADY_EXISTS', `entity already exists: ${key.text}`);
    if (operation === 'update' && !there) throw new Refusal('NOT_FOUND', `no entity to update: ${key.text}`);
    const before = record.versions;
    undo.push(() => {
      record.versions = before;
    });
    record.versions = [...before.filter(({ version }) => version !== next), { version: next, entity: given }];
    return { version: next, conflict: false };
  }

  #record(partition: string, key: StoredKey): Kept {
    const id = kindId(partition, key.kind);
    const records = getOrMake(this.#kinds, id, () => new Map<string, Kept>());
    const record = getOrMake(records, key.text, (): Kept => ({ key, versions: [] }));
    this.#changed.push(record);
    return record;
  }

  #changed: Kept[] = [];

  /** Forgets versions that no transaction sees any more. */
  #prune(): void {
    const oldest = Math.min(this.#version, ...[...this.#transactions.values()].map(({ snapshot }) => snapshot));
    this.#changed = this.#changed.filter((record) => {
      const last = record.versions.findLastIndex(({ version }) => version <= oldest);
      if (last > 0) record.versions = record.versions.slice(last);
      return record.versions.length > 1;
    });
  }
}

const kindId = (partition: string, kind: string): string => JSON.stringify([partition, kind]);

function visible({ key, versions }: Kept, at: number): Stored | undefined {
  const found = versions.findLast(({ version }) => version <= at);
  return found?.entity && { key, version: found.version, entity: found.entity };
}
