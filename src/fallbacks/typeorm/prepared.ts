import { createHash } from 'node:crypto';

/** As much of pg's client as runs a statement. */
export interface PgClient {
  query(statement: {
    readonly name: string | undefined;
    readonly text: string;
    readonly values: readonly unknown[];
    readonly rowMode: 'array';
  }): Promise<{ readonly rows: readonly (readonly unknown[])[]; readonly rowCount: number | null }>;
}

const MOST = 300;

/** What says that a connection's prepared statement is gone, is somebody else's, or is no longer right. */
const STALE = /^(26000|42P05|0A000)$/;

/**
 * Runs statements on pg's own client, so that a connection prepares each of them once: that halves the time of a read.
 * A pool between here and the server may give each transaction another connection, which does not know them; then they are
 * no longer prepared.
 */
export class Prepared {
  readonly #names = new Map<string, string>();
  #generation = 0;
  #off = false;

  async run(client: PgClient, text: string, values: readonly unknown[]) {
    const name = this.#name(text);
    try {
      // pg copies this, which takes several times as long of an object that was spread.
      return await client.query({ name, text, values, rowMode: 'array' });
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (STALE.test(String(code))) this.#forget(code === '0A000');
      throw error;
    }
  }

  #name(text: string): string | undefined {
    if (this.#off) return undefined;
    const there = this.#names.get(text);
    if (there !== undefined) return there;
    // Statements of all shapes that patches have would fill the server's memory.
    if (this.#names.size >= MOST) return undefined;
    // The same name means the same text, whoever else uses these connections.
    const name = `holdfast_${createHash('sha256').update(`${this.#generation} ${text}`).digest('hex').slice(0, 40)}`;
    this.#names.set(text, name);
    return name;
  }

  #forget(changed: boolean): void {
    this.#names.clear();
    if (changed) this.#generation++;
    else this.#off = true;
  }
}
