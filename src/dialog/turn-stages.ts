import type { Actor } from './actor.js';
import { ActorStage } from './actor-stage.js';
import { Context, type ContextLike } from './context.js';
import { copyOfNode } from './copy.js';
import type { Label } from './label.js';
import { mergedNode } from './merged-node.js';
import { emptyNode, type Node, type ProcessingSteps, type ResponseFunction, type Transition } from './node.js';
import type { ScoredLabel } from './transition-label.js';
import { chosenLabel, trueLabel } from './true-label.js';

/** What an `Actor` has found so far in a turn: `frameworkStates.actor`, which is gone after it. */
export interface ActorState {
  previousLabel: Label;
  previousNode: Node;
  preTransitionsProcessedNode: Node;
  globalTransitions: readonly Transition[];
  localTransitions: readonly Transition[];
  nodeTransitions: readonly Transition[];
  globalTrueLabel: ScoredLabel | undefined;
  localTrueLabel: ScoredLabel | undefined;
  nodeTrueLabel: ScoredLabel | undefined;
  nextLabel: Label;
  nextNode: Node;
  preResponseProcessedNode: Node;
  response: unknown;
  /** The node that processing functions may change or replace. */
  processedNode?: Node;
}

/** One stage; it returns the context that the next ones are about. */
type Stage = (context: Context, actor: Actor) => Context | Promise<Context>;

const stateOf = (context: Context): ActorState => context.frameworkStates.actor as unknown as ActorState;

/** One turn: the stages in their order, after each of them its handlers. */
export async function runTurn(actor: Actor, given: ContextLike | null | undefined): Promise<Context> {
  let context = Context.cast(given);
  try {
    for (const [stage, run] of STAGES) {
      context = await run(context, actor);
      for (const handler of actor.handlers[stage] ?? []) await handler(context, actor);
      AFTER_HANDLERS[stage]?.(context);
    }
    return context;
  } finally {
    delete context.frameworkStates.actor;
  }
}

const STAGES: readonly (readonly [ActorStage, Stage])[] = [
  [
    ActorStage.CONTEXT_INIT,
    (context, actor) => {
      if (Object.keys(context.requests).length === 0) {
        context.addLabel(actor.startLabel);
        context.addRequest('');
      }
      context.frameworkStates.actor = {};
      return context;
    },
  ],
  [
    ActorStage.GET_PREVIOUS_NODE,
    (context, actor) => {
      const state = stateOf(context);
      state.previousLabel = context.lastLabel ?? actor.startLabel;
      state.previousNode = nodeAt(actor, state.previousLabel) ?? emptyNode();
      return context;
    },
  ],
  [
    ActorStage.REWRITE_PREVIOUS_NODE,
    (context, actor) => {
      const state = stateOf(context);
      const { transitions } = state.previousNode;
      state.previousNode = { ...mergedNode(actor.script, state.previousLabel[0], state.previousNode), transitions };
      return context;
    },
  ],
  [
    ActorStage.RUN_PRE_TRANSITIONS_PROCESSING,
    (context, actor) => {
      const { previousNode } = stateOf(context);
      return processed(
        context,
        actor,
        previousNode,
        previousNode.preTransitionsProcessing,
        'preTransitionsProcessedNode',
      );
    },
  ],
  [
    ActorStage.GET_TRUE_LABELS,
    async (context, actor) => {
      const state = stateOf(context);
      const flow = state.previousLabel[0];
      state.globalTransitions = actor.script.global.transitions;
      state.globalTrueLabel = await trueLabel(state.globalTransitions, context, actor, '');
      state.localTransitions = actor.script.flows.get(flow)?.local.transitions ?? [];
      state.localTrueLabel = await trueLabel(state.localTransitions, context, actor, flow);
      state.nodeTransitions = state.preTransitionsProcessedNode.transitions;
      state.nodeTrueLabel = await trueLabel(state.nodeTransitions, context, actor, flow);
      return context;
    },
  ],
  [
    ActorStage.GET_NEXT_NODE,
    (context, actor) => {
      const state = stateOf(context);
      const chosen = chosenLabel(chosenLabel(state.nodeTrueLabel, state.localTrueLabel), state.globalTrueLabel);
      state.nextLabel = chosen ? [chosen.flow, chosen.node] : actor.fallbackLabel;
      state.nextNode = nodeAt(actor, state.nextLabel)!;
      return context;
    },
  ],
  [
    ActorStage.REWRITE_NEXT_NODE,
    (context, actor) => {
      const state = stateOf(context);
      state.nextNode = mergedNode(actor.script, state.nextLabel[0], state.nextNode);
      return context;
    },
  ],
  [
    ActorStage.RUN_PRE_RESPONSE_PROCESSING,
    (context, actor) => {
      const { nextNode } = stateOf(context);
      return processed(context, actor, nextNode, nextNode.preResponseProcessing, 'preResponseProcessedNode');
    },
  ],
  [
    ActorStage.CREATE_RESPONSE,
    async (context, actor) => {
      const state = stateOf(context);
      const { response } = state.preResponseProcessedNode;
      state.response = typeof response === 'function' ? await (response as ResponseFunction)(context, actor) : response;
      return context;
    },
  ],
  [ActorStage.FINISH_TURN, (context) => context],
];

// Handlers of these stages see the context as it was before.
const AFTER_HANDLERS: Partial<Record<ActorStage, (context: Context) => void>> = {
  GET_NEXT_NODE: (context) => context.addLabel(stateOf(context).nextLabel),
  CREATE_RESPONSE: (context) => context.addResponse(stateOf(context).response),
};

/** Runs processing functions on a copy of a node, which they may change or replace, and notes what became of it. */
async function processed(
  given: Context,
  actor: Actor,
  node: Node,
  steps: ProcessingSteps,
  result: 'preTransitionsProcessedNode' | 'preResponseProcessedNode',
): Promise<Context> {
  let context = given;
  stateOf(context).processedNode = copyOfNode(node);
  for (const [name, step] of Object.entries(steps)) {
    if (typeof step !== 'function') continue;
    try {
      context = (await step(context, actor)) ?? context;
    } catch (error) {
      if (actor.logger) actor.logger.error(`The processing function ${name} threw, and was passed over: ${error}`);
    }
  }
  const state = stateOf(context);
  state[result] = state.processedNode!;
  delete state.processedNode;
  return context;
}

const nodeAt = (actor: Actor, [flow, node]: Label): Node | undefined => actor.script.flows.get(flow)?.nodes.get(node);
