import { ValidationError } from '../index.js';
import type { Actor } from './actor.js';
import type { Context } from './context.js';

/** The stages of a turn, in their order. */
export const ActorStage = {
  CONTEXT_INIT: 'CONTEXT_INIT',
  GET_PREVIOUS_NODE: 'GET_PREVIOUS_NODE',
  REWRITE_PREVIOUS_NODE: 'REWRITE_PREVIOUS_NODE',
  RUN_PRE_TRANSITIONS_PROCESSING: 'RUN_PRE_TRANSITIONS_PROCESSING',
  GET_TRUE_LABELS: 'GET_TRUE_LABELS',
  GET_NEXT_NODE: 'GET_NEXT_NODE',
  REWRITE_NEXT_NODE: 'REWRITE_NEXT_NODE',
  RUN_PRE_RESPONSE_PROCESSING: 'RUN_PRE_RESPONSE_PROCESSING',
  CREATE_RESPONSE: 'CREATE_RESPONSE',
  FINISH_TURN: 'FINISH_TURN',
} as const;
export type ActorStage = (typeof ActorStage)[keyof typeof ActorStage];

/** Called after a stage; what it returns does not count, what it throws ends the turn. */
export type ActorHandler = (context: Context, actor: Actor) => unknown;

/** Handlers by stage. */
export type ActorHandlers = Readonly<Partial<Record<ActorStage, readonly ActorHandler[]>>>;

/** @throws ValidationError */
export function checkHandlers(handlers: ActorHandlers | undefined): void {
  for (const [stage, list] of Object.entries(handlers ?? {})) {
    if (!Object.hasOwn(ActorStage, stage))
      throw new ValidationError(
        `handlers of an Actor name the stage ${JSON.stringify(stage)}, which there is not. Stages are ${Object.keys(ActorStage).join(', ')}.`,
      );
    if (!Array.isArray(list) || list.some((handler) => typeof handler !== 'function'))
      throw new ValidationError(`handlers of an Actor for ${stage} are no list of functions. Give [(context) => …].`);
  }
}
