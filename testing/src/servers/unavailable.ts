/** Why there is no server, and how to get one. */
export interface Unavailable {
  readonly unavailable: string
}
