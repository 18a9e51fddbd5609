import { compareValues, type Doc, isDoc, rankOf, Unknown, valueAt } from './order.js';

/** Whether a document is what a filter asks for. @throws Unknown for an operator that the server does not have */
export function matches(doc: Doc, filter: Doc): boolean {
  return Object.entries(filter).every(([name, wanted]) => {
    if (name === '$and') return (wanted as Doc[]).every((one) => matches(doc, one));
    if (name === '$or') return (wanted as Doc[]).some((one) => matches(doc, one));
    if (name.startsWith('$')) throw new Unknown(`the server has no filter ${name}`);
    return holds(valueAt(doc, name), wanted);
  });
}

/** Whether a condition is made of operators. */
export function isOperators(condition: unknown): condition is Doc {
  return isDoc(condition) && Object.keys(condition).some((name) => name.startsWith('$'));
}

function holds(value: unknown, condition: unknown): boolean {
  if (!isOperators(condition)) return equal(value, condition);
  return Object.entries(condition).every(([operator, operand]) => {
    const bracket = () => value !== undefined && rankOf(value) === rankOf(operand);
    switch (operator) {
      case '$eq':
        return equal(value, operand);
      case '$in':
        return (operand as unknown[]).some((one) => equal(value, one));
      case '$gt':
        return bracket() && compareValues(value, operand) > 0;
      case '$gte':
        return bracket() && compareValues(value, operand) >= 0;
      case '$lt':
        return bracket() && compareValues(value, operand) < 0;
      case '$lte':
        return bracket() && compareValues(value, operand) <= 0;
      case '$exists':
        return (value !== undefined) === (operand === true);
      case '$not':
        return !holds(value, operand);
      default:
        throw new Unknown(`the server has no condition ${operator}`);
    }
  });
}

const equal = (value: unknown, wanted: unknown): boolean => {
  if (Array.isArray(value) || Array.isArray(wanted)) throw new Unknown('the server compares no arrays');
  return compareValues(value, wanted) === 0;
};
