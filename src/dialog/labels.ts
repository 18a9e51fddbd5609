import type { Actor } from './actor.js';
import type { Context } from './context.js';
import type { Label } from './label.js';
import type { LabelFunction } from './node.js';
import { lastFew } from './turns.js';

type Found = readonly [flow: string, node: string, priority: number];

const withPriority = (
  name: string,
  priority: number | undefined,
  find: (context: Context, actor: Actor) => Label,
): LabelFunction =>
  Object.defineProperty(
    (context: Context, actor: Actor): Found => [...find(context, actor), priority ?? actor.labelPriority],
    'name',
    { value: name },
  );

/** Leads to the node where the dialog is. `priority` is the actor's where left out, as in all of these. */
export const repeat = (priority?: number): LabelFunction => withPriority('repeat', priority, here);

/** Leads to the node before the one where the dialog is; to the fallback where there was none. */
export const previous = (priority?: number): LabelFunction =>
  withPriority('previous', priority, ({ labels }, actor) => {
    const last = lastFew(labels, 2);
    return last.length === 2 ? last[0]! : actor.fallbackLabel;
  });

/** Leads to the start. */
export const toStart = (priority?: number): LabelFunction =>
  withPriority('toStart', priority, (_, actor) => actor.startLabel);

/** Leads to the fallback. */
export const toFallback = (priority?: number): LabelFunction =>
  withPriority('toFallback', priority, (_, actor) => actor.fallbackLabel);

/**
 * Leads to the next node of the flow, in the order of the script; from the last one to the first, or to the fallback where
 * `cyclicality` is false.
 */
export const forward = (priority?: number, cyclicality = true): LabelFunction =>
  withPriority('forward', priority, (context, actor) => neighbour(context, actor, 1, cyclicality));

/** Leads to the node before it in the script; from the first one to the last, or to the fallback where `cyclicality` is false. */
export const backward = (priority?: number, cyclicality = true): LabelFunction =>
  withPriority('backward', priority, (context, actor) => neighbour(context, actor, -1, cyclicality));

const here = ({ lastLabel }: Context, actor: Actor): Label => lastLabel ?? actor.fallbackLabel;

function neighbour(context: Context, actor: Actor, step: 1 | -1, cyclicality: boolean): Label {
  const [flow, node] = here(context, actor);
  const nodes = [...(actor.script.flows.get(flow)?.nodes.keys() ?? [])];
  const at = nodes.indexOf(node);
  const next = at + step;
  if (at < 0 || (!cyclicality && (next < 0 || next >= nodes.length))) return actor.fallbackLabel;
  return [flow, nodes.at(next % nodes.length)!];
}
