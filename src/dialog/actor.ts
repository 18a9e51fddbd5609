import { type Logger, ValidationError } from '../index.js';
import { type ActorHandlers, checkHandlers } from './actor-stage.js';
import { checkScript } from './check-script.js';
import type { Context, ContextLike } from './context.js';
import { copyOfContext } from './copy.js';
import type { Label } from './label.js';
import type { Condition } from './node.js';
import { readScript } from './read-script.js';
import type { ReadScript, Script } from './script.js';
import { ScriptError, type ScriptFault } from './script-error.js';
import { runTurn } from './turn-stages.js';

/** Calls the conditions of a script: the place for a time limit, a cache, a trace. */
export type ConditionHandler = (condition: Condition, context: Context, actor: Actor) => boolean | Promise<boolean>;

/** What an `Actor` takes beside its script. */
export interface ActorOptions {
  /** Where a dialog begins. */
  readonly startLabel: readonly [flow: string, node: string];
  /** Where it goes when no transition holds. Default: the start. */
  readonly fallbackLabel?: readonly [flow: string, node: string];
  /** The priority of labels that have none. Default 1. */
  readonly labelPriority?: number;
  /** Whether every transition, response and condition is tried once at the start, in contexts with `validation: true`. Default true. */
  readonly validationStage?: boolean;
  /** Default: calls the condition with a copy of the context, so that it changes nothing. */
  readonly conditionHandler?: ConditionHandler;
  /** Functions that are called after each stage of a turn. */
  readonly handlers?: ActorHandlers;
  /** Where it tells what functions of the script threw. Default `console`; `false` for silence. */
  readonly logger?: Logger | false;
}

/** Plays a script: called with a context that holds a request, it finds the next node, adds its label and response, and returns the context. */
export interface Actor {
  /** @throws ScriptError where a function of the script that had to be awaited has faults; what a response or a handler throws */
  (context?: ContextLike | null): Promise<Context>;
  readonly script: ReadScript;
  readonly startLabel: Label;
  readonly fallbackLabel: Label;
  readonly labelPriority: number;
  readonly conditionHandler: ConditionHandler;
  readonly handlers: ActorHandlers;
  readonly logger: Logger | false;
  /** Fulfilled when the script is checked, also the functions in it that return promises. */
  readonly checked: Promise<void>;
}

function makeActor(script: Script, options: ActorOptions): Actor {
  const faults: ScriptFault[] = [];
  const read = readScript(script, faults);
  const { startLabel, fallbackLabel, labelPriority = 1, validationStage = true, logger = console } = options ?? {};
  const start = nodeLabel('startLabel', startLabel, read, faults);
  const fallback = fallbackLabel === undefined ? start : nodeLabel('fallbackLabel', fallbackLabel, read, faults);
  if (typeof labelPriority !== 'number' || Number.isNaN(labelPriority))
    throw new ValidationError(`labelPriority of an Actor is ${String(labelPriority)}. Give a number, or leave it out.`);
  checkHandlers(options?.handlers);
  if (faults.length > 0 && !(start && fallback)) throw new ScriptError(faults);
  const actor: Actor = Object.assign(
    async (context?: ContextLike | null) => {
      await actor.checked;
      return runTurn(actor, context);
    },
    {
      script: read,
      startLabel: start!,
      fallbackLabel: fallback!,
      labelPriority,
      conditionHandler: options.conditionHandler ?? onCopies,
      handlers: options.handlers ?? {},
      logger,
      checked: Promise.resolve(),
    },
  );
  const later = validationStage ? checkScript(actor, faults) : [];
  if (faults.length > 0) throw new ScriptError(faults);
  const checked = Promise.all(later).then(() => {
    if (faults.length > 0) throw new ScriptError(faults);
  });
  // Told to whoever calls the actor.
  checked.catch(() => {});
  return Object.assign(actor, { checked });
}

const onCopies: ConditionHandler = (condition, context, actor) => condition(copyOfContext(context), actor);

function nodeLabel(option: string, given: unknown, script: ReadScript, faults: ScriptFault[]): Label | undefined {
  const [flow, node] = (Array.isArray(given) ? given : []) as [string, string];
  if (script.flows.get(flow)?.nodes.has(node)) return [flow, node];
  faults.push({
    place: option,
    fact: `is ${JSON.stringify(given)}, which is no node of the script.`,
    remedy: `Give flow and node: ['flow', 'node'].`,
  });
  return undefined;
}

/**
 * Plays a script, in Dialog Flow Engine's terms.
 *
 * @throws ScriptError with all faults of the script, each with its place
 * @example
 * const actor = new Actor(script, { startLabel: ['greeting', 'start'], fallbackLabel: ['greeting', 'lost'] });
 * context.addRequest('Hi');
 * await actor(context);
 * console.log(context.lastResponse);
 */
export const Actor = makeActor as unknown as new (script: Script, options: ActorOptions) => Actor;
