import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { chromiumPath } from '../support/chromium.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';
import { type SampleProcess, startSample } from './sample-process.js';

const sample = fileURLToPath(new URL('../../samples/13-values-page.ts', import.meta.url));

describe('13-values-page.ts in a browser', () => {
  let folder: string;
  let port: number;
  let server: SampleProcess;
  let browser: Browser;

  const start = async () => {
    server = startSample(sample, { PORT: String(port), VALUES: join(folder, 'values.db') });
    await until('the sample answers', async () => (await fetch(`http://127.0.0.1:${port}/`)).ok);
  };
  const stop = () => {
    server.kill('SIGTERM');
    return server.ended;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-page-'));
    port = await freePort();
    await start();
    browser = await chromium.launch({
      executablePath: chromiumPath(),
      // Its sandbox does not let root in, as whom containers often run.
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage'],
    });
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await stop();
    await rm(folder, { recursive: true, force: true });
  });

  const tab = async (visitor: BrowserContext): Promise<Page> => {
    const page = await visitor.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    return page;
  };
  const said = (page: Page) => page.locator('#said:not(:empty)').textContent();
  const store = async (page: Page, key: string, value: string) => {
    await page.fill('#key', key);
    await page.fill('#value', value);
    await page.click('#store');
    return said(page);
  };
  const retrieve = async (page: Page, key: string) => {
    await page.fill('#key', key);
    await page.click('#retrieve');
    return said(page);
  };

  test('what is stored in one tab is retrieved in the other, also after a restart of the server, and by nobody else', async () => {
    const [ann, bob] = [await browser.newContext(), await browser.newContext()];
    const [first, second, other] = [await tab(ann), await tab(ann), await tab(bob)];
    const text = '<b>monkey</b> & "é"';

    expect(await store(first, 'animal', text)).toBe('Stored.');
    expect(await retrieve(second, 'animal')).toBe(text);
    await second.locator('#keys', { hasText: /^animal$/ }).waitFor();

    expect(await retrieve(other, 'animal')).toBe('There is no such value.');
    expect(await store(other, 'animal', 'cat')).toBe('Stored.');
    expect([await retrieve(first, 'animal'), await retrieve(other, 'animal')]).toEqual([text, 'cat']);

    expect(await stop()).toEqual({ stdout: '', stderr: '', code: 0 });
    await start();
    expect([await retrieve(second, 'animal'), await retrieve(other, 'animal')]).toEqual([text, 'cat']);
    expect(await retrieve(await tab(ann), 'animal')).toBe(text);
    await ann.close();
    await bob.close();
  }, 120_000);

  test('the session is a signed cookie that no script sees; one that is forged is nobody’s, and what is no value is refused', async () => {
    const visitor = await browser.newContext();
    const page = await tab(visitor);
    await store(page, 'animal', 'monkey');
    const [cookie, ...others] = await visitor.cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ name: 'session', httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(await page.evaluate('document.cookie')).toBe('');

    for (const [data, status] of [
      [undefined, 400],
      [{}, 400],
      [{ value: 'x'.repeat(20_000) }, 400],
      [{ value: 1 }, 200],
    ] as const) {
      const put = await visitor.request.put(`http://127.0.0.1:${port}/values/n`, data ? { data } : {});
      expect([data, put.status()]).toEqual([data, status]);
    }

    const [id, signature] = decodeURIComponent(cookie!.value).split(/\.(.*)/s);
    const forger = await browser.newContext();
    const forged = `${id}.${[...signature!].reverse().join('')}`;
    await forger.addCookies([{ name: 'session', value: encodeURIComponent(forged), url: `http://127.0.0.1:${port}/` }]);
    const answer = await forger.request.get(`http://127.0.0.1:${port}/values/animal`);
    expect([answer.status(), await answer.json()]).toEqual([401, { error: 'Open the page first.' }]);
    expect(await retrieve(await tab(forger), 'animal')).toBe('There is no such value.');
    await visitor.close();
    await forger.close();
  }, 120_000);
});
