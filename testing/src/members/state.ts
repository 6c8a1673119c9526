/** The one state of this process, on the adapter that the test has chosen. */
import { type Adapter, createClusterState } from '@lockstep/state'
import { choiceFromEnv } from './adapter.ts'
import { Sendings } from './sendings.ts'

type Factory = (options?: object) => Adapter

const { module, name, options } = choiceFromEnv()
const factory = ((await import(module)) as Record<string, Factory | undefined>)[name]
if (factory === undefined) throw new Error(`${module} exports no ${name}`)

export const sendings = new Sendings()
export const state = await createClusterState({ adapter: sendings.of(factory(options)) })
