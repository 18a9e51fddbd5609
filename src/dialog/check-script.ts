import type { Actor } from './actor.js';
import { Context } from './context.js';
import { type Node, type ResponseFunction, type Transition } from './node.js';
import { shownLabel } from './read-script.js';
import type { ScriptFault } from './script-error.js';
import { scoredLabel } from './transition-label.js';

/** A place of the script and what is tried there. */
interface Trial {
  readonly actor: Actor;
  readonly place: string;
  fault(fact: string, remedy: string): void;
}

/**
 * Tries what every transition leads to, whether it holds, and every response, in contexts with `validation: true`, and adds what is wrong to the faults.
 *
 * @returns what is still under way, because functions returned promises
 */
export function checkScript(actor: Actor, faults: ScriptFault[]): Promise<unknown>[] {
  const later: Promise<unknown>[] = [];
  const attempt = (place: string, check: (trial: Trial) => unknown) => {
    const fault = (fact: string, remedy: string) => faults.push({ place, fact, remedy });
    const running = check({ actor, place, fault });
    if (running instanceof Promise) later.push(running);
  };
  const { global, flows } = actor.script;
  const checkNode = (place: string, flow: string, node: Node) => {
    attempt(`${place}, RESPONSE`, (trial) => checkResponse(trial, node));
    for (const transition of node.transitions) {
      const to = `${place}, transition to ${shownLabel(written(transition))}`;
      attempt(to, (trial) => checkLabel(trial, transition, flow));
      attempt(to, (trial) => checkCondition(trial, transition));
    }
  };
  checkNode('GLOBAL', '', global);
  for (const [name, { local, nodes }] of flows) {
    checkNode(`${name}.LOCAL`, name, local);
    for (const [node, given] of nodes) checkNode(`${name}.${node}`, name, given);
  }
  return later;
}

function trialContext(): Context {
  const context = new Context({ id: 'validation', validation: true });
  context.addRequest('text');
  return context;
}

/** Calls a function of the script and looks at what it returns, now or later; what it throws is a fault. */
function call(trial: Trial, run: () => unknown, what: string, look: (result: unknown) => void): unknown {
  const threw = (error: unknown) =>
    trial.fault(
      `${what} threw while the script was checked: ${error instanceof Error ? error.message : error}.`,
      'Mend it, or let it look at context.validation.',
    );
  try {
    const result = run();
    if (typeof (result as { then?: unknown } | undefined)?.then === 'function')
      return Promise.resolve(result).then(look).catch(threw);
    look(result);
  } catch (error) {
    threw(error);
  }
  return undefined;
}

function checkLabel(trial: Trial, { label }: Transition, flow: string): unknown {
  const look = (target: unknown) => {
    const found = scoredLabel(target);
    if (!found)
      return trial.fault(`leads to ${shownLabel(target)}, which is no label.`, "Return 'node' or ['flow', 'node'].");
    const inFlow = found.flow || flow;
    if (trial.actor.script.flows.get(inFlow)?.nodes.has(found.node)) return;
    const shown = inFlow === '' ? JSON.stringify(found.node) : JSON.stringify([inFlow, found.node]);
    trial.fault(
      `leads to ${shown}, which is no node of the script.`,
      inFlow === '' ? "GLOBAL belongs to no flow: give ['flow', 'node']." : 'Add the node, or lead to another.',
    );
  };
  if (typeof label === 'function')
    return call(trial, () => label(trialContext(), trial.actor), 'Its label function', look);
  return look([label.flow, label.node]);
}

function checkCondition(trial: Trial, { condition }: Transition): unknown {
  return call(
    trial,
    () => condition(trialContext(), trial.actor),
    'Its condition',
    (answer) => {
      if (typeof answer !== 'boolean')
        trial.fault(`has a condition that says ${answer === null ? 'null' : typeof answer}.`, 'Return true or false.');
    },
  );
}

function checkResponse(trial: Trial, { response }: Node): unknown {
  if (typeof response !== 'function') return undefined;
  return call(
    trial,
    () => (response as ResponseFunction)(trialContext(), trial.actor),
    'It',
    (made) => {
      if (typeof made === 'function')
        trial.fault('is a function that returns a function.', 'Return what is to be answered.');
    },
  );
}

/** A label as it may have been written. */
const written = ({ label }: Transition): unknown => {
  if (typeof label === 'function') return label;
  const { flow, node, priority } = label;
  const parts = [...(flow === '' ? [] : [flow]), node, ...(priority === undefined ? [] : [priority])];
  return parts.length === 1 ? node : parts;
};
