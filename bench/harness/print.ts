import { table } from '../support/table.js';
import type { Measured } from './measure.js';

const perSecond = (rate: number): string =>
  rate >= 1e6 ? `${(rate / 1e6).toFixed(1)}M` : rate >= 1e3 ? `${(rate / 1e3).toFixed(1)}k` : rate.toFixed(0);

const micros = (cpu: number): string => (cpu >= 10 ? cpu.toFixed(0) : cpu >= 1 ? cpu.toFixed(1) : cpu.toFixed(2));

const verdict = ({ ratio, aim }: Measured): string =>
  aim === undefined ? '' : `${aim.toFixed(2)} ${ratio >= aim ? 'met' : 'MISSED'}`;

/** One comparison as a table: how fast each variant is, what it costs this process, and how fast ours is against it. */
export function printed(title: string, results: readonly Measured[]): string {
  const [ours] = results;
  const rows = results.map((result) => [
    result.name,
    perSecond(result.rate),
    micros(result.cpu),
    result === ours ? '' : result.ratio.toFixed(2),
    verdict(result),
  ]);
  return table([title, 'per second', 'CPU µs', `${ours!.name} against it`, 'aim'], rows);
}
