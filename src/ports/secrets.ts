/** Texts that only functions which name them get; their values are shown to nobody. */
export interface Secrets {
  /** Names and when each was put, milliseconds since 1970, in order. */
  names(): { name: string; at: number }[]
  /**
   * Keeps a value, encrypted; durable when it resolves.
   * @throws PressroomError `conflict` when there is no key to encrypt with
   */
  put(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
  /**
   * The value; undefined when there is none.
   * @throws PressroomError `bad_config` when it cannot be decrypted
   */
  value(name: string): string | undefined
}
