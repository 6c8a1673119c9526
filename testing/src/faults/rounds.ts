/** Whether the tests go their full length. */
export const soak: boolean = Boolean(process.env['LOCKSTEP_SOAK'])

/** How many rounds a test goes: all with `LOCKSTEP_SOAK` in the environment, a tenth without. */
export function rounds(full: number): number {
  return soak ? full : Math.ceil(full / 10)
}

/** The options of a test that goes so many rounds: milliseconds, ten times as many where it goes ten times as long. */
export const patience = { timeout: rounds(300_000) }
