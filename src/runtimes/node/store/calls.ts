/** What SQLite keeps in one column. */
export type Value = string | number | null

/** One statement to run. */
export interface StoreCall {
  id: number
  kind: 'run' | 'all' | 'close'
  sql: string
  values: Value[]
}

/** Its answer: a value or the text of an error. */
export interface StoreAnswer {
  id: number
  value?: unknown
  error?: string
}
