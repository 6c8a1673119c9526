/**
 * What a worker has to know from its first moment on, even if its primary dies before it has said a word. It is handed
 * over in the environment.
 */
export interface Assignment {
  readonly slot: number
  readonly id: number
  readonly drain: DrainTimes
}

export interface DrainTimes {
  /** Milliseconds that idle keep-alive connections are kept open for a last request. */
  readonly idle: number
  /** Milliseconds after which the drain ends, whatever is still under way. */
  readonly deadline: number
}

const variable = 'LOCKSTEP_WORKER'

export function assignmentToEnv(assignment: Assignment): Record<string, string> {
  return { [variable]: JSON.stringify(assignment) }
}

/**
 * Take the assignment out of the environment, so that processes started by the worker do not believe it is theirs.
 * `undefined`: there is none.
 */
export function takeAssignment(env: NodeJS.ProcessEnv): Assignment | undefined {
  const text = env[variable]
  Reflect.deleteProperty(env, variable)
  return text === undefined ? undefined : (JSON.parse(text) as Assignment)
}
