import { createHash } from 'node:crypto'

/** A Lua script, known to the server by its SHA-1 once it has run there: https://redis.io/docs/latest/develop/programmability/eval-intro/ */
export class Script {
  readonly source: string
  readonly sha: string
  /** `false`: it changes nothing but fence marks, so its outcome is never unknown. */
  readonly writes: boolean

  /** The parts, in order, make one script. */
  constructor(effect: 'writes' | 'reads', ...parts: readonly string[]) {
    this.writes = effect === 'writes'
    this.source = parts.map((part) => part.trim()).join('\n')
    this.sha = createHash('sha1').update(this.source).digest('hex')
  }
}
