/**
 * Whole milliseconds that are charged: the ceiling of the sum, not the sum of ceilings (AWS Lambda's rule). Figures are
 * rounded to the microsecond first, so that 3.0000000001 ms of floating-point dust does not cost a fourth.
 */
export function billedMs(runMs: number, initMs: number): number {
  return Math.ceil(Math.round((runMs + initMs) * 1000) / 1000)
}
