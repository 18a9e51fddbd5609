import { randomUUID } from 'node:crypto';
import { Entity, Field, Key, KeyProps, RedisHash, ValidationError } from '../index.js';
import { noteCleared } from './cleared.js';
import { type ContextId, idCodec, idFrom } from './context-id.js';
import { type ContextJson, parseContext } from './context-json.js';
import { type Label, labelFrom } from './label.js';
import type { Node } from './node.js';
import { dropAllButLast, lastOf, nextTurn, recordOf, type Turns, turnsFrom } from './turns.js';
import { userKey } from './user-key.js';

/** What `clear` can clear. */
export type ClearableField = 'requests' | 'responses' | 'labels' | 'misc' | 'frameworkStates';

/** The fields that hold something for each turn. */
export const TURN_FIELDS = ['labels', 'requests', 'responses'] as const;
export type TurnField = (typeof TURN_FIELDS)[number];

/** What a context is made of; all of it can be left out. */
export interface ContextData {
  readonly id?: ContextId | undefined;
  readonly labels?: Turns<readonly [string, string]> | undefined;
  readonly requests?: Turns<unknown> | undefined;
  readonly responses?: Turns<unknown> | undefined;
  readonly misc?: Record<string, unknown> | undefined;
  readonly validation?: boolean | undefined;
  readonly frameworkStates?: Record<string, Record<string, unknown>> | undefined;
}

/** What `Context.cast` takes: a context, its data, or its JSON, as an object or a text. */
export type ContextLike = Context | ContextData | Partial<ContextJson> | string;

/**
 * The state of one user's dialog: Dialog Flow Engine's `Context`. It is an entity like any other, kept whole under its id as text;
 * a `contextStore` keeps its turns one by one.
 *
 * @example
 * const context = new Context({ id: 'ann' });
 * context.addRequest('Hi');
 */
@Entity('contexts')
@RedisHash()
export class Context {
  declare [KeyProps]?: ['user'];
  /** A random UUID where none was given. */
  @Field({ type: idCodec }) id: ContextId;
  /** Which node each turn came to. */
  @Field({ type: 'json' }) labels: Turns<Label>;
  /** What the user said in each turn. */
  @Field({ type: 'json' }) requests: Turns<unknown>;
  /** What was answered in each turn. */
  @Field({ type: 'json' }) responses: Turns<unknown>;
  /** Data of your own. */
  @Field({ type: 'json' }) misc: Record<string, unknown>;
  /** True while an `Actor` checks its script, and functions are called only to see whether they can be. */
  @Field({ type: 'boolean' }) validation: boolean;
  /** What add-ons keep between turns; during a turn, under `actor`, what the `Actor` has found so far. */
  @Field({ type: 'json' }) frameworkStates: Record<string, Record<string, unknown>>;

  /** @throws ValidationError for labels, turn numbers or an id that cannot be */
  constructor(data: ContextData = {}) {
    this.id = data.id === undefined ? randomUUID() : idFrom(data.id);
    this.labels = turnsFrom('labels', data.labels, labelFrom);
    this.requests = turnsFrom('requests', data.requests, said);
    this.responses = turnsFrom('responses', data.responses, said);
    this.misc = { ...recordOf('misc', data.misc) };
    this.validation = flag(data.validation);
    this.frameworkStates = statesFrom(data.frameworkStates);
  }

  /** The key of the entity: the id as text. */
  @Key({ type: 'string' })
  get user(): string {
    return userKey(this.id);
  }

  set user(_: string) {
    // It follows from the id.
  }

  /**
   * A context of whatever may stand for one; a context itself is returned as it is, nothing makes a new one.
   *
   * @throws ValidationError for anything else
   */
  static cast(value?: ContextLike | null): Context {
    if (value instanceof Context) return value;
    if (value === undefined || value === null || value === '') return new Context();
    const data: unknown = typeof value === 'string' ? parseContext(value) : value;
    if (typeof data !== 'object' || data === null || Array.isArray(data))
      throw new ValidationError(
        `A context cannot be made of ${Array.isArray(data) ? 'an array' : `a ${typeof data}`}. Give a Context, its data, or its JSON.`,
      );
    const {
      framework_states,
      frameworkStates = framework_states,
      ...rest
    } = data as ContextData & Partial<ContextJson>;
    return new Context({ ...rest, frameworkStates });
  }

  get lastLabel(): Label | undefined {
    return lastOf(this.labels);
  }

  get lastRequest(): unknown {
    return lastOf(this.requests);
  }

  get lastResponse(): unknown {
    return lastOf(this.responses);
  }

  addLabel(label: readonly [flow: string, node: string]): void {
    this.labels[nextTurn(this.labels)] = labelFrom(label, 'What was given to addLabel()');
  }

  addRequest(request: unknown): void {
    this.requests[nextTurn(this.requests)] = said(request);
  }

  addResponse(response: unknown): void {
    this.responses[nextTurn(this.responses)] = said(response);
  }

  /**
   * Forgets all but the last `keepLast` turns of each of the fields, also those that were not loaded; 0 keeps none. Turns keep their numbers, and the
   * next of a field that has none left is 0, as in the engine. `misc` and `frameworkStates`, where they are named, are emptied.
   *
   * @throws ValidationError
   */
  clear(
    keepLast: number,
    fields: readonly (ClearableField | 'framework_states')[] = ['requests', 'responses', 'labels'],
  ): void {
    if (!Number.isSafeInteger(keepLast) || keepLast < 0)
      throw new ValidationError(`clear() was told to keep ${keepLast} turns. Give a whole number of 0 or more.`);
    for (const field of fields)
      if (!CLEARABLE.includes(field))
        throw new ValidationError(
          `clear() was told to clear ${JSON.stringify(field)}, which a context cannot. It clears ${CLEARABLE.join(', ')}.`,
        );
    for (const field of TURN_FIELDS)
      if (fields.includes(field)) noteCleared(this, field, keepLast - dropAllButLast(this[field], keepLast));
    if (fields.includes('misc')) this.misc = {};
    if (fields.includes('frameworkStates') || fields.includes('framework_states')) this.frameworkStates = {};
  }

  /** The node that an `Actor` is at, during a turn; `undefined` otherwise. */
  get currentNode(): Node | undefined {
    const { actor } = this.frameworkStates as { actor?: Partial<Record<string, Node>> };
    if (!actor) return undefined;
    return (
      actor.processedNode ??
      actor.preResponseProcessedNode ??
      actor.nextNode ??
      actor.preTransitionsProcessedNode ??
      actor.previousNode
    );
  }

  /** Puts another node in place of the current one, for this turn. Only processing functions can; elsewhere it warns and does nothing. */
  overwriteCurrentNodeInProcessing(node: Node): void {
    const { actor } = this.frameworkStates;
    if (actor?.processedNode) actor.processedNode = node;
    else console.warn('overwriteCurrentNodeInProcessing() does nothing outside of processing functions.');
  }

  /** As Dialog Flow Engine writes it. */
  toJSON(): ContextJson {
    return {
      id: typeof this.id === 'bigint' ? jsonId(this.id) : this.id,
      labels: { ...this.labels },
      requests: { ...this.requests },
      responses: { ...this.responses },
      misc: { ...this.misc },
      validation: this.validation,
      framework_states: { ...this.frameworkStates },
    };
  }
}

const CLEARABLE: readonly string[] = [...TURN_FIELDS, 'misc', 'frameworkStates', 'framework_states'];

// JSON has no undefined; the engine's None is null.
const said = (value: unknown): unknown => (value === undefined ? null : value);

const jsonId = (id: bigint): string | number => (Number.isSafeInteger(Number(id)) ? Number(id) : String(id));

function flag(given: unknown): boolean {
  if (given === undefined || typeof given === 'boolean') return given ?? false;
  throw new ValidationError(`validation of a context must be true or false, got a ${typeof given}. Leave it out.`);
}

function statesFrom(given: unknown): Record<string, Record<string, unknown>> {
  const states = { ...recordOf('frameworkStates', given) };
  for (const [name, state] of Object.entries(states)) recordOf(`frameworkStates.${name}`, state ?? 0);
  return states as Record<string, Record<string, unknown>>;
}
