/** Imported by a cell before it says ready: the first TypeScript import is the dear one. */
export const touched: boolean = true
