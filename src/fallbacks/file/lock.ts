import type { Clock } from '../../core/clock.js';
import { StoreFault } from '../../core/fallback-driver.js';
import type { Files } from './files.js';
import type { Owner, Owners } from './owner.js';

/** How often a holder shows that it lives, in milliseconds. */
const BEAT = 1000;
/** An owner that nobody can judge and that showed no life for so long, in milliseconds, is taken for dead. */
const LEASE = 10 * BEAT;
/** How often a waiting process looks whether the holder still lives, and says again that it waits, in milliseconds. */
const LOOK_EVERY = 50;
/** The longest time between two tries to get the lock; and for how long a holder that others waited for lets them try, in milliseconds. */
const TRY_EVERY = 5;
const GIVE_WAY = 8;

/** What a {@link DirectoryLock} works with. */
export interface LockOptions {
  /** Absolute. */
  readonly directory: string;
  readonly files: Files;
  readonly owners: Owners;
  /** For waiting and leases: one that no change of the system's time moves. */
  readonly clock: Clock;
}

/**
 * The right to write to a directory, for one process at a time.
 *
 * Every opened driver has a file of its own that says who it is. `lock` is a second name (a hard link) for the file of the
 * holder: making it is atomic, and whoever reads it reads the whole. A holder that was killed leaves it behind. Taking it
 * away is the right of one process only, the one whose file got the name `after-<token of the dead>`; should that one be
 * killed too, the right goes on to who gets `after-<its token>`. Tokens are never used again, so a process that was slow can
 * find out that its right is one to a lock that is long gone.
 */
export class DirectoryLock {
  readonly #files: Files;
  readonly #owners: Owners;
  readonly #clock: Clock;
  readonly #directory: string;
  readonly #lock: string;
  readonly #self: Owner;
  readonly #seen = new Map<string, { readonly touchedAt: number | undefined; readonly since: number }>();
  #turn: Promise<unknown> = Promise.resolve();
  #holding = false;
  #giveWay = false;
  #beat: number | undefined;
  #stopBeating: (() => void) | undefined;

  constructor({ directory, files, owners, clock }: LockOptions) {
    this.#files = files;
    this.#owners = owners;
    this.#clock = clock;
    this.#directory = `${directory}/owners`;
    this.#lock = `${directory}/lock`;
    this.#self = owners.self();
  }

  /** Unique to this holder. */
  get token(): string {
    return this.#self.token;
  }

  /** Makes the file of this owner. */
  async register(): Promise<void> {
    // Flushed, so that a lock that outlives a power cut can be read.
    await this.#files.create(this.#ownFile, JSON.stringify(this.#self), { flush: true });
  }

  /** Removes that file, after which nothing can be locked any more. */
  async unregister(): Promise<void> {
    if (await this.#stillMine()) await this.#files.remove(this.#lock);
    await this.#files.remove(this.#ownFile);
  }

  /** Runs `use` while holding the lock; calls of one process take turns. @throws StoreFault after `timeout` milliseconds of waiting */
  hold<T>(timeout: number, use: () => Promise<T>): Promise<T> {
    const deadline = this.#clock.now() + timeout;
    const run = async () => {
      await this.#acquire(deadline);
      this.#holding = true;
      try {
        await this.#showLife();
        return await use();
      } finally {
        await this.#release();
      }
    };
    const turn = this.#turn.then(run, run);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Whether another process waits for the lock. If so, it gets its chance when the lock is released. */
  async wanted(): Promise<boolean> {
    if (await this.#files.remove(this.#wanted)) this.#giveWay = true;
    return this.#giveWay;
  }

  /** @throws StoreFault where others may have taken this holder for dead */
  assertHeld(): void {
    if (this.#fresh()) return;
    throw new StoreFault(
      `The lock of ${this.#directory} was not renewed for ${LEASE / 2} ms, so others may hold it now; nothing was written. Try again.`,
      'none',
    );
  }

  /** Takes away what owners that are no longer there left behind. Call while holding the lock. */
  async sweep(): Promise<void> {
    for (const name of await this.#files.list(this.#directory)) {
      const file = `${this.#directory}/${name}`;
      if (name.startsWith('after-')) await this.#files.remove(file);
      else if (name.endsWith('.json') && file !== this.#ownFile) {
        const owner = await this.#ownerIn(file);
        if (owner && this.#owners.judge(owner) === 'dead') await this.#files.remove(file);
      }
    }
  }

  async #acquire(deadline: number): Promise<void> {
    if (this.#giveWay) await this.#pause(GIVE_WAY);
    this.#giveWay = false;
    let lookAt = 0;
    for (let tries = 0; ; tries++) {
      if (await this.#files.link(this.#ownFile, this.#lock)) break;
      const holder = await this.#ownerIn(this.#lock);
      if (holder === undefined) continue;
      // Left from a release that failed.
      if (holder.token === this.token && (await this.#stillMine())) break;
      const now = this.#clock.now();
      if (now >= lookAt) {
        lookAt = now + LOOK_EVERY;
        if (await this.#isDead(holder)) {
          await this.#breakLockOf(holder);
          continue;
        }
        // Only a courtesy: a disk that is full does not keep anybody from waiting.
        await this.#files.create(this.#wanted, '').catch(() => {});
      }
      if (now > deadline) throw this.#timedOut(holder);
      await this.#pause(Math.min(1 + tries / 10, TRY_EVERY));
    }
    this.#seen.clear();
  }

  async #release(): Promise<void> {
    this.#holding = false;
    this.#stopBeating?.();
    await this.wanted().catch(() => {});
    // Others may have taken this holder for dead, and the lock may be theirs.
    const letGo = async () => (this.#fresh() || (await this.#stillMine()) ? this.#files.remove(this.#lock) : false);
    await letGo().catch(() => {
      // Taken once more, which it can be by its holder, it is let go once more.
      this.#clock.after(BEAT, () => void this.hold(0, async () => {}).catch(() => {}));
    });
  }

  async #stillMine(): Promise<boolean> {
    const holder = await this.#ownerIn(this.#lock);
    return holder?.token === this.token && (await this.#ownerIn(this.#claimOn(this.token))) === undefined;
  }

  /** Removes the lock of a dead holder, if that is this owner's right. */
  async #breakLockOf(dead: Owner): Promise<void> {
    let last = dead;
    while (!(await this.#files.link(this.#ownFile, this.#claimOn(last.token)))) {
      const heir = await this.#ownerIn(this.#claimOn(last.token));
      if (heir?.token === this.token) break;
      if (heir === undefined || !(await this.#isDead(heir))) return;
      last = heir;
    }
    const line = await this.#lineToSelf();
    if (line === undefined) {
      await this.#files.remove(this.#claimOn(last.token));
      return;
    }
    await this.#files.remove(this.#lock);
    for (const token of line) await this.#files.remove(this.#claimOn(token));
  }

  /** The tokens from the lock's holder to the one that this owner comes after; `undefined` where the lock is another by now. */
  async #lineToSelf(): Promise<readonly string[] | undefined> {
    const line: string[] = [];
    let owner = await this.#ownerIn(this.#lock);
    while (owner !== undefined && owner.token !== this.token) {
      line.push(owner.token);
      owner = await this.#ownerIn(this.#claimOn(owner.token));
    }
    return owner === undefined ? undefined : line;
  }

  async #isDead(owner: Owner): Promise<boolean> {
    const verdict = this.#owners.judge(owner);
    if (verdict !== 'unsure') return verdict === 'dead';
    const touchedAt = await this.#files.touchedAt(this.#fileOf(owner.token));
    const seen = this.#seen.get(owner.token);
    if (seen?.touchedAt === touchedAt && seen !== undefined) return this.#clock.now() - seen.since >= LEASE;
    this.#seen.set(owner.token, { touchedAt, since: this.#clock.now() });
    return false;
  }

  #fresh(): boolean {
    return this.#beat !== undefined && this.#clock.now() - this.#beat < LEASE / 2;
  }

  async #showLife(): Promise<void> {
    const now = this.#clock.now();
    if (this.#beat === undefined || now - this.#beat >= BEAT) {
      await this.#files.touch(this.#ownFile);
      this.#beat = now;
    }
    if (!this.#holding) return;
    // A beat that fails is missed, which is what assertHeld looks at.
    this.#stopBeating = this.#clock.after(BEAT, () => void this.#showLife().catch(() => {}));
  }

  async #ownerIn(file: string): Promise<Owner | undefined> {
    const content = await this.#files.read(file);
    if (content === undefined) return undefined;
    try {
      return JSON.parse(content.toString()) as Owner;
    } catch (cause) {
      throw new StoreFault(
        `${file} does not say who holds it. Remove it while no process uses the directory.`,
        'none',
        {
          cause,
        },
      );
    }
  }

  #timedOut(holder: Owner): StoreFault {
    return new StoreFault(
      `The lock ${this.#lock} is held by process ${holder.pid}; nothing was written. Try again, or look at what that process does.`,
      'none',
    );
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(ms, resolve));
  }

  #fileOf(token: string): string {
    return `${this.#directory}/${token}.json`;
  }

  #claimOn(token: string): string {
    return `${this.#directory}/after-${token}`;
  }

  get #ownFile(): string {
    return this.#fileOf(this.token);
  }

  get #wanted(): string {
    return `${this.#directory}/wanted`;
  }
}
