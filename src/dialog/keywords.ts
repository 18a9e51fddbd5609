/** In a script: what holds in every flow. */
export const GLOBAL: unique symbol = Symbol.for('holdfast.dialog.GLOBAL');
/** In a flow: what holds for each of its nodes. */
export const LOCAL: unique symbol = Symbol.for('holdfast.dialog.LOCAL');
/** Of a node: where it leads, and when. */
export const TRANSITIONS: unique symbol = Symbol.for('holdfast.dialog.TRANSITIONS');
/** Of a node: what is answered in it. */
export const RESPONSE: unique symbol = Symbol.for('holdfast.dialog.RESPONSE');
/** Of a node: data of your own. */
export const MISC: unique symbol = Symbol.for('holdfast.dialog.MISC');
/** Of a node: functions that run before its transitions are looked at. */
export const PRE_TRANSITIONS_PROCESSING: unique symbol = Symbol.for('holdfast.dialog.PRE_TRANSITIONS_PROCESSING');
/** Of a node: functions that run before its response is made. */
export const PRE_RESPONSE_PROCESSING: unique symbol = Symbol.for('holdfast.dialog.PRE_RESPONSE_PROCESSING');
