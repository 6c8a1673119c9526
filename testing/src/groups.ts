/** Process groups that were started here, each led by the process it is named by (`detached: true`). POSIX only. */

const running = new Set<number>()
let watching = false

/** End the group with this process at the latest, so that a run that is cut short leaves nothing behind. */
export function endAtExit(leader: number): void {
  running.add(leader)
  if (watching) return
  watching = true
  process.once('exit', killAll)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      killAll()
      process.kill(process.pid, signal)
    })
  }
}

function killAll(): void {
  for (const group of running) killGroup(group)
}

/** SIGKILL to all that is left of the group. */
export function killGroup(leader: number): void {
  running.delete(leader)
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
