import { readFile } from 'node:fs/promises'
import type { ClusterEvents, ClusterOptions } from '@lockstep/cluster-core'
import { TestProcess } from '@lockstep/testing/processes'
import { expect } from 'vitest'
import type { Handlers } from './fixtures/primary.ts'

/** A primary as a process of its own. `script` is a file of the fixtures, or a path. */
export class SupervisedCluster extends TestProcess<Handlers> {
  constructor(script: string, options: Omit<ClusterOptions, 'script'> = {}) {
    super(new URL('fixtures/primary.ts', import.meta.url), { args: [JSON.stringify({ script, ...options })] })
  }

  /** The next event of this name. */
  event<E extends keyof ClusterEvents>(name: E): Promise<ClusterEvents[E][0]> {
    return this.message(name)
  }
}

/**
 * Resolves when there is no such process any more. An orphan may stay a zombie where nobody collects it. Linux only.
 */
export async function gone(pid: number | undefined): Promise<void> {
  const state = async (): Promise<string | undefined> => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    return stat.slice(stat.lastIndexOf(')') + 2)[0]
  }
  await expect.poll(state, { timeout: 10_000 }).toBeOneOf([undefined, 'Z', 'X'])
}
