import { describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { partitionOf } from '../support/datastore/keys.js';
import { startDatastore } from '../support/datastore/server.js';
import { mongoServer } from '../support/mongo-server.js';
import { play, row } from './play.js';

describe('The demo', () => {
  test('saves 2,000 cities, reads them through every tier, and finds no wrong answer', async () => {
    const { code, output, errors } = await play('--limit', '2000');
    expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/Each of [\d,]+ answers was checked field by field: 0 are wrong\./);
    expect(row(output, 'find, hot').slice(0, 4)).toEqual(['2,000', '–', '2,000', '–']);
    expect(row(output, 'find, cached').slice(0, 4)).toEqual(['2,000', '2,000', '–', '–']);
    expect(row(output, "find, from: 'durable'").slice(0, 4)).toEqual(['2,000', '–', '–', '2,000']);
    expect(row(output, 'findMany, cold').slice(0, 4)).toEqual(['2,000', '–', '–', '2,000']);
    expect(row(output, 'find what is not there').slice(0, 4)).toEqual(['400', '–', '–', '400']);
    expect(row(output, 'find three fields, hot').slice(0, 4)).toEqual(['400', '–', '400', '–']);
    expect(row(output, 'delete')[0]).toBe('40');
    expect(row(output, 'stream everything')[0]).toBe('1,960');
    expect(row(output, 'set flags')[0]).toBe('196');
    expect(row(output, 'get flags').slice(0, 4)).toEqual(['588', '–', '392', '196']);
    expect(row(output, 'isSetMany').slice(0, 4)).toEqual(['588', '–', '588', '–']);
    expect(row(output, 'isSetMany, durable').slice(0, 4)).toEqual(['588', '–', '–', '588']);
  }, 60_000);

  test('keeps the same cities in sorted sets and on a map, and finds no wrong answer there either', async () => {
    const { code, output, errors } = await play('--limit', '2000', '--outages', '0');
    expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
    const [, countries] = /The same cities as collections: (\d+) sorted sets, and one map\./.exec(output)!;
    expect(Number(countries)).toBeGreaterThan(100);
    expect(output).toMatch(/\n[\d,]+ answers checked member by member, 0 wrong\./);
    const reads = (name: string) => row(output, name).slice(0, 3);
    expect(row(output, 'save sorted sets')[0]).toBe(countries);
    expect(reads('top ten of a country, hot')).toEqual([countries, countries, '–']);
    expect(reads('whole sets, refreshed')).toEqual([countries, '–', countries]);
    for (const name of ['pages of 100, hot', 'pages after changes, hot', 'searches after changes, hot']) {
      const [all, hot, durable] = reads(name);
      expect([name, hot, durable]).toEqual([name, all, '–']);
    }
    for (const name of [
      'pages of 100, durable',
      'nearest, radius and box, durable',
      'positions and distances, durable',
    ]) {
      const [all, hot, durable] = reads(name);
      expect([name, hot, durable]).toEqual([name, '–', all]);
    }
    expect(row(output, 'add to a map, 1,000 at a time')[0]).toBe('2');
  }, 60_000);

  test('plays on Datastore, and leaves nothing there', async () => {
    const server = await startDatastore();
    try {
      const url = `datastore://demo?endpoint=${server.address}`;
      const { code, output, errors } = await play('--limit', '400', '--outages', '3', '--fallback', url);
      expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
      expect(output).toMatch(/Each of [\d,]+ answers was checked field by field: 0 are wrong\./);
      expect(output).toMatch(/\n0 wrong, 0 lost, 0 stale\./);
      const { store } = server.service;
      expect(store.kinds(partitionOf('demo', '', ''), store.version)).toEqual([]);
    } finally {
      await server.stop();
    }
  }, 120_000);

  test('plays on MongoDB, and leaves nothing there', async () => {
    const server = await mongoServer();
    const url = `${server.url}demo`;
    const client = new MongoClient(url);
    try {
      const { code, output, errors } = await play('--limit', '300', '--outages', '4', '--fallback', url);
      expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
      expect(output).toMatch(/Each of [\d,]+ answers was checked field by field: 0 are wrong\./);
      expect(output).toMatch(/\n0 wrong, 0 lost, 0 stale\./);
      // Of the outbox, which is not the demo's alone, there is nothing but the place.
      const left = await client.db().listCollections().toArray();
      expect(left.map(({ name }) => name)).toEqual(['holdfast_outbox']);
      expect(await client.db().collection('holdfast_outbox').countDocuments()).toBe(0);
      expect(server.unknown).toEqual([]);
    } finally {
      await client.close();
      await server.stop();
    }
  }, 120_000);

  test('says what is wrong with its options', async () => {
    const { code, errors } = await play('--limit', 'many');
    expect(code).toBe(1);
    expect(errors).toContain('--limit cannot be many. Give a whole number from 1, or leave it out.');
  }, 60_000);

  test('says which server it cannot reach', async () => {
    const { code, errors } = await play('--limit', '10', '--redis', 'redis://127.0.0.1:1');
    expect(code).toBe(1);
    expect(errors).toContain('127.0.0.1:1');
    expect(errors).not.toContain('    at ');
  }, 60_000);
});
