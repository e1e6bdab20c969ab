/** Name of the D1 database that keeps what ran on Workers; without it nothing is kept there. */
export const LEDGER_BINDING = 'PRESSROOM_LEDGER'
