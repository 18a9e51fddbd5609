export { Actor, type ActorOptions, type ConditionHandler } from './dialog/actor.js';
export { type ActorHandler, type ActorHandlers, ActorStage } from './dialog/actor-stage.js';
export {
  agg,
  aggregate,
  all,
  any,
  exactMatch,
  hasLastLabels,
  isFalse,
  isTrue,
  type LastLabels,
  lastLabels,
  neg,
  negation,
  regexp,
} from './dialog/conditions.js';
export { type ClearableField, Context, type ContextData, type ContextLike } from './dialog/context.js';
export type { ContextId } from './dialog/context-id.js';
export type { ContextJson } from './dialog/context-json.js';
export { ImportInterruptedError, type ImportOptions, importContexts } from './dialog/import/import-contexts.js';
export type { ImportProgress } from './dialog/import/progress-bar.js';
export {
  GLOBAL,
  LOCAL,
  MISC,
  PRE_RESPONSE_PROCESSING,
  PRE_TRANSITIONS_PROCESSING,
  RESPONSE,
  TRANSITIONS,
} from './dialog/keywords.js';
export type { Label } from './dialog/label.js';
export { backward, forward, previous, repeat, toFallback, toStart } from './dialog/labels.js';
export type {
  Condition,
  LabelFunction,
  Node,
  Processing,
  ProcessingSteps,
  ResponseFunction,
  Transition,
  TransitionTarget,
} from './dialog/node.js';
export { choice } from './dialog/responses.js';
export type { FlowScript, NodeScript, ReadFlow, ReadScript, Script, Transitions } from './dialog/script.js';
export { ScriptError, type ScriptFault } from './dialog/script-error.js';
export {
  ContextStore,
  type SetOptions,
  type TurnHandler,
  type TurnInfo,
  type TurnsOptions,
} from './dialog/store/context-store.js';
export { type ContextEntitiesOptions, contextEntities } from './dialog/store/entities.js';
export { type ContextStoreOptions, contextStore } from './dialog/store/open-store.js';
export { TurnExpiredError } from './dialog/store/turn-error.js';
export type { Turn } from './dialog/store/turn-item.js';
export type { ScoredLabel, TransitionLabel } from './dialog/transition-label.js';
export type { ActorState } from './dialog/turn-stages.js';
export type { Turns } from './dialog/turns.js';
