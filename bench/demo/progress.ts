import { Presets, SingleBar } from 'cli-progress';
import { grouped } from '../support/table.js';

const LINE_EVERY = 3000;

/** Shows how far an act is: a bar on a terminal, elsewhere a line now and then. */
export class Progress {
  readonly #bar = process.stderr.isTTY
    ? new SingleBar(
        {
          format: '{name} {bar} {percentage}%  {value} of {total}',
          barsize: 30,
          hideCursor: true,
          clearOnComplete: true,
        },
        Presets.shades_classic,
      )
    : undefined;
  #name = '';
  #done = 0;
  #total = 0;
  #told = performance.now();

  start(name: string, total: number): void {
    this.#name = name;
    this.#done = 0;
    this.#total = total;
    this.#bar?.start(total, 0, { name: name.padEnd(34) });
  }

  step(count: number): void {
    this.#done += count;
    this.#bar?.update(this.#done);
    const now = performance.now();
    if (this.#bar || now - this.#told < LINE_EVERY) return;
    this.#told = now;
    console.error(`${this.#name}: ${grouped(this.#done)} of ${grouped(this.#total)}`);
  }

  stop(): void {
    this.#bar?.stop();
  }
}
