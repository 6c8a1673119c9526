/** Which adapter a process opens its state on. The module is loaded there only, so that nobody has to know all adapters. */
export interface AdapterChoice {
  /** The URL of a module. */
  readonly module: string
  /** The function that it exports: `'redis'`. */
  readonly name: string
  /** What that function is called with, as JSON. */
  readonly options?: object
  /** Added to the environment of the process. */
  readonly env?: Readonly<Record<string, string>>
}

const variable = 'LOCKSTEP_TEST_ADAPTER'

export function envOf({ env, ...choice }: AdapterChoice): Record<string, string> {
  return { ...env, [variable]: JSON.stringify(choice) }
}

/** The other side of `envOf`. */
export function choiceFromEnv(): AdapterChoice {
  const text = process.env[variable]
  if (text === undefined) throw new Error(`${variable} names no adapter`)
  return JSON.parse(text) as AdapterChoice
}
