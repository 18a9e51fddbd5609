import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from '@jest/globals';
import { outboxCases } from './outbox-cases.js';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-outbox-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['SQLite', `sqlite:${join(folder, 'outbox.sqlite')}`],
  ['a directory of files', `file:${join(folder, 'files')}`],
])('The outbox in %s', (_, url) => outboxCases(() => url));
