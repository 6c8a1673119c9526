import { InvalidArgumentError } from '@lockstep/state'

const PATH = 'LOCKSTEP_LINK'
const TOKEN = 'LOCKSTEP_LINK_TOKEN'

/** Where a host listens, and the token that it asks for. */
export interface LinkAddress {
  readonly path: string
  readonly token: string
}

/** The environment by which a process started by us finds the host. */
export function envOf(address: LinkAddress): Record<string, string> {
  return { [PATH]: address.path, [TOKEN]: address.token }
}

/**
 * The host that this process was started under, if any. Throws an `InvalidArgumentError` when only half of its address
 * is there.
 */
export function linkFromEnv(env: NodeJS.ProcessEnv = process.env): LinkAddress | undefined {
  const path = env[PATH]
  const token = env[TOKEN]
  if (path && token) return { path, token }
  if (!path && !token) return undefined
  throw new InvalidArgumentError(
    `${PATH} and ${TOKEN} belong together, but only ${path ? PATH : TOKEN} is set: pass on both, or none`,
  )
}
