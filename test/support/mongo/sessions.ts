import { Binary, Long, Timestamp } from 'bson';
import type { Doc } from './order.js';
import { Refused } from './refused.js';
import type { Storage, Transaction, View } from './storage.js';

interface Session {
  number: bigint;
  transaction: Transaction | undefined;
  ended: 'committed' | 'aborted' | undefined;
  /** Of a write outside transactions that may be sent twice. */
  answer: Promise<Doc> | undefined;
}

/** What the sessions of clients have under way. */
export class Sessions {
  readonly #storage: Storage;
  readonly #replicaSet: boolean;
  readonly #sessions = new Map<string, Session>();

  constructor(storage: Storage, replicaSet: boolean) {
    this.#storage = storage;
    this.#replicaSet = replicaSet;
  }

  /** What a command sees, whose answer may have been given before. @throws Refused */
  view(body: Doc): View {
    const level = (body.readConcern as Doc | undefined)?.level;
    const plain: View = { time: undefined, transaction: undefined };
    if (!this.#replicaSet && (body.txnNumber !== undefined || level === 'snapshot'))
      throw new Refused(
        20,
        'IllegalOperation',
        'Transaction numbers are only allowed on a replica set member or mongos',
      );
    if (!this.#replicaSet && level === 'majority')
      throw new Refused(148, 'ReadConcernMajorityNotEnabled', 'Majority read concern requires a replica set.');
    if (body.autocommit === false && (body.writeConcern || (body.readConcern && body.startTransaction !== true)))
      throw new Refused(72, 'InvalidOptions', 'readConcern and writeConcern are those of the whole transaction');
    if (body.autocommit === false) return { time: undefined, transaction: this.#transaction(body) };
    if (level !== 'snapshot') return plain;
    const at = (body.readConcern as Doc).atClusterTime;
    return { ...plain, time: at instanceof Timestamp ? Number(at.i) : this.#storage.time };
  }

  #transaction(body: Doc): Transaction {
    const session = this.#session(body);
    const number = (body.txnNumber as Long).toBigInt();
    if (body.startTransaction === true) {
      this.#abort(session);
      Object.assign(session, { number, ended: undefined, transaction: this.#storage.begin() });
    }
    if (session.number !== number || !session.transaction || !this.#storage.open.has(session.transaction)) throw none();
    return session.transaction;
  }

  commit(body: Doc): void {
    const session = this.#session(body);
    if (session.number !== (body.txnNumber as Long).toBigInt() || session.ended === 'aborted') throw none();
    if (session.ended === 'committed') return;
    if (!session.transaction || !this.#storage.open.has(session.transaction)) throw none();
    this.#storage.commit(session.transaction);
    Object.assign(session, { transaction: undefined, ended: 'committed' });
  }

  abort(body: Doc): void {
    const session = this.#session(body);
    if (session.number !== (body.txnNumber as Long).toBigInt() || session.ended) throw none();
    this.#abort(session);
  }

  /** A transaction that failed is over. */
  failed(body: Doc): void {
    if (body.autocommit === false && body.lsid !== undefined) this.#abort(this.#session(body));
  }

  end(lsids: readonly Doc[]): void {
    for (const lsid of lsids) {
      const session = this.#sessions.get(nameOf(lsid));
      if (session) this.#abort(session);
      this.#sessions.delete(nameOf(lsid));
    }
  }

  /** Runs a write once, however often it is sent. */
  once(body: Doc, run: () => Promise<Doc>): Promise<Doc> {
    if (body.txnNumber === undefined || body.autocommit === false) return run();
    const session = this.#session(body);
    const number = (body.txnNumber as Long).toBigInt();
    if (session.number === number && session.answer) return session.answer;
    Object.assign(session, { number, answer: run(), ended: undefined, transaction: undefined });
    return session.answer!;
  }

  /** How many transactions are open. */
  get open(): number {
    return this.#storage.open.size;
  }

  #abort(session: Session): void {
    if (session.transaction) this.#storage.abort(session.transaction);
    Object.assign(session, { transaction: undefined, ended: 'aborted' });
  }

  #session(body: Doc): Session {
    const name = nameOf(body.lsid as Doc);
    let found = this.#sessions.get(name);
    if (!found) {
      found = { number: -1n, transaction: undefined, ended: undefined, answer: undefined };
      this.#sessions.set(name, found);
    }
    return found;
  }
}

const nameOf = (lsid: Doc): string => (lsid.id as Binary).toString('hex');

const none = (): Refused =>
  new Refused(251, 'NoSuchTransaction', 'Given transaction number does not match any in-progress transactions.', {
    labels: ['TransientTransactionError'],
  });
