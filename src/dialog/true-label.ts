import type { Actor } from './actor.js';
import type { Context } from './context.js';
import type { Transition } from './node.js';
import { shownLabel } from './read-script.js';
import { type ScoredLabel, scoredLabel } from './transition-label.js';

/** A label whose priority is known. */
type Ranked = ScoredLabel & { readonly priority: number };

/** Of the transitions that hold, the label with the highest priority; of equals, the first. */
export async function trueLabel(
  transitions: readonly Transition[],
  context: Context,
  actor: Actor,
  flow: string,
): Promise<Ranked | undefined> {
  let best: Ranked | undefined;
  for (const transition of transitions) {
    if (!(await holds(transition, context, actor))) continue;
    const found = await labelOf(transition, context, actor);
    if (!found) continue;
    const label = { ...found, flow: found.flow || flow, priority: found.priority ?? actor.labelPriority };
    if (!actor.script.flows.get(label.flow)?.nodes.has(label.node)) {
      tell(
        actor,
        `A transition leads to ${JSON.stringify([label.flow, label.node])}, which is no node of the script; it was passed over.`,
      );
      continue;
    }
    if (!best || label.priority > best.priority) best = label;
  }
  return best;
}

/** The one with the higher priority; of equals, the more specific one. */
export function chosenLabel(
  specific: ScoredLabel | undefined,
  general: ScoredLabel | undefined,
): ScoredLabel | undefined {
  if (!specific || !general) return specific ?? general;
  return specific.priority! >= general.priority! ? specific : general;
}

async function holds({ condition, label }: Transition, context: Context, actor: Actor): Promise<boolean> {
  try {
    return Boolean(await actor.conditionHandler(condition, context, actor));
  } catch (error) {
    tell(actor, `The condition of the transition to ${shownLabel(label)} threw, and does not hold: ${error}`);
    return false;
  }
}

async function labelOf({ label }: Transition, context: Context, actor: Actor): Promise<ScoredLabel | undefined> {
  if (typeof label !== 'function') return label;
  try {
    const target = await label(context, actor);
    const found = scoredLabel(target);
    if (!found && target !== undefined && target !== null)
      tell(
        actor,
        `The label function ${shownLabel(label)} returned ${JSON.stringify(target)}, which is no label; it was passed over.`,
      );
    return found;
  } catch (error) {
    tell(actor, `The label function ${shownLabel(label)} threw, and was passed over: ${error}`);
    return undefined;
  }
}

function tell(actor: Actor, message: string): void {
  if (actor.logger) actor.logger.error(message);
}
