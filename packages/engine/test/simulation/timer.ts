/** Something that a process does by the clock: never before `due` (monotonic milliseconds), and maybe long after. */
export interface Timer {
  /** `Infinity`: never. */
  due: number
  fire(): void
}
