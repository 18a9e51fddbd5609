import { Double, Int32, Long } from 'bson';
import { isOperators } from './filter.js';
import { compareValues, type Doc, isDoc, isNumber, numberOf, Unknown } from './order.js';
import { Refused } from './refused.js';

/** What an update makes of a document; `null` where it inserts one. @throws Refused, Unknown */
export function updated(doc: Doc | null, filter: Doc, update: unknown): Doc {
  if (!isDoc(update)) throw new Unknown('the server takes no pipelines for updates');
  if (!isOperators(update)) return replaced(doc, filter, update);
  const made = new Map(Object.entries(doc ?? equalities(filter)));
  for (const [operator, fields] of Object.entries(update))
    for (const [name, operand] of Object.entries(fields as Doc)) {
      if (name === '' || name.includes('.') || name.startsWith('$'))
        throw new Unknown(`the server updates no field called ${JSON.stringify(name)}`);
      const before = made.get(name);
      if (operator === '$set') made.set(name, operand);
      else if (operator === '$setOnInsert') {
        if (doc === null) made.set(name, operand);
      } else if (operator === '$unset') made.delete(name);
      else if (operator === '$inc') made.set(name, sum(name, before, operand));
      else throw new Unknown(`the server has no update ${operator}`);
    }
  return checked(doc, docOf(made));
}

function replaced(doc: Doc | null, filter: Doc, update: Doc): Doc {
  const id = doc?._id ?? equalities(filter)._id;
  if (id === undefined || Object.hasOwn(update, '_id')) return checked(doc, update);
  return docOf(new Map([['_id', id], ...Object.entries(update)]));
}

function checked(before: Doc | null, after: Doc): Doc {
  if (before && compareValues(before._id, after._id) !== 0)
    throw new Refused(
      66,
      'ImmutableField',
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    );
  return after;
}

/** What a filter says a document is equal to. */
function equalities(filter: Doc): Doc {
  const found = new Map<string, unknown>();
  for (const [name, condition] of Object.entries(filter)) {
    if (name.startsWith('$') || name.includes('.')) continue;
    if (!isOperators(condition)) found.set(name, condition);
    else if (Object.hasOwn(condition, '$eq')) found.set(name, condition.$eq);
  }
  return docOf(found);
}

function sum(name: string, before: unknown, by: unknown): unknown {
  if (!isNumber(by)) throw new Refused(14, 'TypeMismatch', `Cannot increment with non-numeric argument: {${name}}`);
  if (before === undefined) return by;
  if (!isNumber(before))
    throw new Refused(14, 'TypeMismatch', `Cannot apply $inc to a value of non-numeric type in the field ${name}`);
  if (before instanceof Double || by instanceof Double)
    return new Double(Number(numberOf(before)) + Number(numberOf(by)));
  const exact = BigInt(numberOf(before)) + BigInt(numberOf(by));
  if (BigInt.asIntN(64, exact) !== exact)
    throw new Refused(2, 'BadValue', `Failed to apply $inc operations to current value of ${name}`);
  const small = before instanceof Int32 && by instanceof Int32 && BigInt.asIntN(32, exact) === exact;
  return small ? new Int32(Number(exact)) : Long.fromBigInt(exact);
}

/** A document of these fields, whatever they are called. */
export function docOf(fields: ReadonlyMap<string, unknown>): Doc {
  const doc = {};
  for (const [name, value] of fields)
    Object.defineProperty(doc, name, { value, enumerable: true, writable: true, configurable: true });
  return doc;
}
