import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type MongoServer, mongoServer } from '../support/mongo-server.js';
import { startSample } from './sample-process.js';

const folder = fileURLToPath(new URL('../../samples/', import.meta.url));
const samples = readdirSync(folder).filter((name) => name.endsWith('.ts'));

/** The lines that a sample says it prints: its comments `// => line`. One that ends in `…` leaves the rest open. */
function claimsOf(sample: string): string[] {
  const lines = readFileSync(folder + sample, 'utf8').split('\n');
  return lines.flatMap((line) => /^\s*\/\/ => (.*)$/.exec(line)?.slice(1) ?? []);
}

const told = (line: string, claim: string | undefined) =>
  claim?.endsWith('…') && line.startsWith(claim.slice(0, -1)) ? claim : line;

let mongo: MongoServer;
beforeAll(async () => {
  mongo = await mongoServer();
});
afterAll(async () => {
  await mongo.stop();
  expect(mongo.unknown).toEqual([]);
});

describe('samples', () => {
  test.each(samples)(
    '%s runs without servers of the machine and prints what its comments say',
    async (sample) => {
      const claims = claimsOf(sample);
      const { stdout, stderr, code } = await startSample(folder + sample, { MONGODB_URL: `${mongo.url}shop` }).ended;
      if (code !== 0) throw new Error(`${sample} ended with ${code}:\n${stderr}`);
      if (claims.length === 0) throw new Error(`${sample} says nowhere what it prints. Add comments: // => ${stdout}`);
      const lines = stdout.trimEnd().split('\n');
      expect(lines.map((line, index) => told(line, claims[index]))).toEqual(claims);
    },
    120_000,
  );
});
