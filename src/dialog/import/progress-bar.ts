/** How far an import is. */
export interface ImportProgress {
  readonly done: number;
  readonly total: number;
  readonly imported: number;
  /** Users whom the target had already. */
  readonly skipped: number;
  /** The restart point: give it as `after` to go on from here. */
  readonly last: string | undefined;
}

const WIDTH = 30;

/** Draws a bar into a terminal, each time over the one before. */
export function progressBar(out: NodeJS.WriteStream): (progress: ImportProgress) => void {
  let drawn = -1;
  return ({ done, total, skipped }) => {
    const full = total === 0 ? WIDTH : Math.min(WIDTH, Math.floor((WIDTH * done) / total));
    const percent = total === 0 ? 100 : Math.min(100, Math.floor((100 * done) / total));
    if (percent === drawn && done < total) return;
    drawn = percent;
    const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full);
    out.write(`\r${bar} ${percent}% ${done}/${total} contexts${skipped > 0 ? `, ${skipped} there already` : ''}`);
    if (done >= total) out.write('\n');
  };
}
