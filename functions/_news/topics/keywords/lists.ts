/**
 * Of each topic three lists of words, parted by spaces: those that tell most count three points, then two, then one. `word*` stands for all
 * that begin so, `two_words` for two in a row.
 */
export type Lists = Record<string, [most: string, much: string, some: string]>
