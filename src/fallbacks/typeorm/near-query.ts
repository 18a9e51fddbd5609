import { type Answer, type Area, type CollectionQuery, type Member, valueOfMembers } from '../../core/collection.js';
import { geohashRanges, type Place, placeOf } from '../../core/geo.js';
import type { Entry } from '../../core/kind.js';
import { Members } from '../../core/members.js';
import type { Key } from '../../core/schema.js';
import { entryOf, ofLive, simple } from './collection-answers.js';
import type { CollectionStatements } from './collection-statements.js';
import { Parameters } from './parameters.js';
import type { Steps } from './steps.js';

type Near = Extract<CollectionQuery, { readonly type: 'near' }>;
type Around = Near & { readonly center: Place };

// Metres, as Redis has it.
const EARTH_RADIUS = 6372797.560856;
const RADIAN = Math.PI / 180;
// Databases compute a little differently: by how many metres, most of all on the other side of the earth.
const SLACK = 1;
const OTHER_SIDE = 20_020_000;
const ANYWHERE = 1e9;
const MARGIN = 0.001;
// So many more are read than asked for, of which some may be as far away as the last one.
const MORE = 8;

const NOTHING: Answer = { members: [], numbers: [] };

/** Those of a geo set that lie within an area: the database finds them, and what is told of them is computed as everywhere. */
export function* near(sql: CollectionStatements, key: Key, query: Near, now: number): Steps<Entry | null> {
  const { center, limit } = query;
  if (typeof center === 'string') {
    const found = yield* simple(sql, key, { id: '', type: 'scores', texts: [center] }, now);
    if (!found) return null;
    const [geohash] = (found.value as Answer).numbers;
    if (geohash === undefined) return { ...found, value: NOTHING };
    return yield* near(sql, key, { ...query, center: placeOf(geohash) }, now);
  }
  const around = { ...query, center };
  for (let most = limit === undefined ? undefined : limit + MORE; ; most = most! * 4) {
    const found = yield* candidates(sql, key, around, most, now);
    if (!found) return null;
    const { entry, members, last } = found;
    const value = valueOfMembers(Members.of('geo-set', members));
    const answer = sql.layout.schema.kind.select(sql.layout.schema, value, around) as Answer;
    const all = most === undefined || members.length < most;
    if (all || isSettled(around, answer, last)) return { ...entry, value: answer };
  }
}

/** Whether none that was not read can be among those asked for: all of them are as far away as the last one read, or further. */
function isSettled({ limit, sort }: Near, { numbers }: Answer, last: number): boolean {
  if (numbers.length < limit!) return false;
  const cut = numbers.at(-1) ?? last;
  const margin = Math.max(last, cut) > OTHER_SIDE ? SLACK : MARGIN;
  return limit === 0 || (sort === 'asc' ? cut < last - margin : cut > last + margin);
}

interface Candidates {
  readonly entry: Entry;
  readonly members: readonly Member[];
  /** How far away the last of them is. */
  readonly last: number;
}

function* candidates(
  sql: CollectionStatements,
  key: Key,
  query: Around,
  most: number | undefined,
  now: number,
): Steps<Candidates | null> {
  const { layout } = sql;
  const parameters = new Parameters(sql.dialect);
  const page = () => ` ORDER BY d${query.sort === 'desc' ? ' DESC' : ''}${sql.page(parameters, most, 0)}`;
  const found = within(sql, key, query, parameters);
  const members = `SELECT * FROM (${found}) c WHERE ${limits(query.area, parameters)}${page()}`;
  const names = [...layout.names, 'd'];
  const { rows } = yield ofLive(sql, key, now, parameters, { members, names, numbers: [] });
  if (rows.length === 0) return null;
  const there = rows.filter((values) => values[1] !== null);
  const [end] = rows[0]!;
  return {
    entry: entryOf(undefined, end),
    members: there.map((values) => layout.member(values.slice(1))),
    last: there.reduce(
      (far, values) => (query.sort === 'desc' ? Math.min : Math.max)(far, Number(values.at(-1))),
      query.sort === 'desc' ? Number.POSITIVE_INFINITY : 0,
    ),
  };
}

/** Selects the members of the area's ranges by the index, each with its distances. */
function within(sql: CollectionStatements, key: Key, { center, area }: Around, parameters: Parameters): string {
  const { layout, dialect } = sql;
  const { table, score, list } = layout;
  const postgres = dialect.name === 'postgres';
  const add = (n: number) => `${parameters.add(n)}${postgres ? '::double precision' : ''}`;
  const least = dialect.name === 'sqlite' ? 'min' : 'LEAST';
  const latitude = `radians(m.${layout.latitude})`;
  const [longitude0, latitude0] = [center.longitude * RADIAN, center.latitude * RADIAN];
  const square = (of: string) => `pow(sin((${of}) / 2), 2)`;
  const metres = (of: string) => `${2 * EARTH_RADIUS} * asin(${least}(1, sqrt(${of})))`;
  const across = () => square(`radians(m.${layout.longitude}) - ${add(longitude0)}`);
  const distance = metres(
    `${square(`${latitude} - ${add(latitude0)}`)} + ${add(Math.cos(latitude0))} * cos(${latitude}) * ${across()}`,
  );
  const box =
    'width' in area
      ? `, ${EARTH_RADIUS} * abs(${latitude} - ${add(latitude0)}) AS up, ${metres(`pow(cos(${latitude}), 2) * ${across()}`)} AS along`
      : '';
  const select = `SELECT ${list}, ${distance} AS d${box}`;
  const found = geohashRanges(center, area);
  const ranges = found.length > 0 ? found : [[1, 0] as const];
  const whereKey = () => sql.whereKey(key, parameters, 'm.');
  if (postgres) {
    // Where PostgreSQL sees how few the ranges are, it takes that for a reason to plan the statement anew each time.
    const [from, to] = [0, 1].map((end) => `(SELECT ${parameters.add(ranges.map((range) => range[end]))}::bigint[])`);
    // OFFSET 0 keeps the planner from computing the distances of all members first.
    const inRange = `SELECT * FROM ${table} m WHERE ${whereKey()} AND m.${score} BETWEEN r.lo AND r.hi OFFSET 0`;
    return `${select} FROM unnest(${from}, ${to}) r(lo, hi) CROSS JOIN LATERAL (${inRange}) m`;
  }
  if (dialect.name === 'sqlite') {
    // In this order, whatever SQLite thinks of it.
    const rows = ranges.map((range) => `(${parameters.list(range)})`).join(', ');
    return `${select} FROM (SELECT column1 AS lo, column2 AS hi FROM (VALUES ${rows})) r CROSS JOIN ${table} m ON ${whereKey()} AND m.${score} BETWEEN r.lo AND r.hi`;
  }
  const where = whereKey();
  const some = ranges.map(([from, to]) => `m.${score} BETWEEN ${parameters.add(from)} AND ${parameters.add(to)}`);
  return `${select} FROM ${table} m WHERE ${where} AND (${some.join(' OR ')})`;
}

/** What holds for all that lie within the area, and for some right outside. */
function limits(area: Area, parameters: Parameters): string {
  const most = (metres: number) => parameters.add(Math.min(metres, ANYWHERE) + SLACK);
  if ('radius' in area) return `d <= ${most(area.radius)}`;
  return `up <= ${most(area.height / 2)} AND along <= ${most(area.width / 2)}`;
}
