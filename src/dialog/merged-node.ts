import { copyOfNode } from './copy.js';
import { emptyNode, type Node, type Transition } from './node.js';
import type { ReadScript } from './script.js';

/** A node with what its flow and the script say for all nodes; what is nearer to it counts. Nothing of it is shared with the script. */
export function mergedNode({ global, flows }: ReadScript, flow: string, node: Node): Node {
  const merged = copyOfNode(global);
  for (const { transitions, response, ...rest } of [flows.get(flow)?.local ?? emptyNode(), node].map(copyOfNode)) {
    Object.assign(merged.preTransitionsProcessing, rest.preTransitionsProcessing);
    Object.assign(merged.preResponseProcessing, rest.preResponseProcessing);
    Object.assign(merged.misc, rest.misc);
    merged.response = response ?? merged.response;
    merged.transitions = withTransitions(merged.transitions, transitions);
  }
  return merged;
}

// A transition to the same label takes the other's place.
function withTransitions(transitions: readonly Transition[], more: readonly Transition[]): readonly Transition[] {
  const key = ({ label }: Transition) =>
    typeof label === 'function' ? label : JSON.stringify([label.flow, label.node, label.priority]);
  return [...new Map([...transitions, ...more].map((transition) => [key(transition), transition])).values()];
}
