/** What the signal of a running attempt has fired for, used as `FIRED.no`. */

export const no = 0;
/** The record is given up with its partition. */
export const cancelled = 1;
/** The attempt has failed, whatever the handler says when it returns. */
export const timedOut = 2;
