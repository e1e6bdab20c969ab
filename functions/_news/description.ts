/** todo */
export const description = {}
