import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

/**
 * CPUs that this process may use: its affinity, and the quota of its container, which Node 20 does not see
 * (nodejs/node#59200). At least 1.
 */
export function usableCpus(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.ceil(cpuQuota('/') ?? Infinity)))
}

/**
 * The strictest CPU quota, in CPUs, of this process's control group and those above it; `undefined` if there is none.
 * Both versions are read: https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files,
 * https://docs.kernel.org/scheduler/sched-bwc.html
 *
 * @param root where /proc and /sys are found
 */
export function cpuQuota(root: string): number | undefined {
  const quotas = membership(root).flatMap(({ controllers, group }) =>
    upwards(group).map((folder) => (controllers === '' ? quotaV2(root, folder) : quotaV1(root, controllers, folder))),
  )
  const strictest = Math.min(...quotas.filter((quota) => quota !== undefined))
  return Number.isFinite(strictest) ? strictest : undefined
}

interface Membership {
  /** Empty for the one hierarchy of version 2. */
  readonly controllers: string
  readonly group: string
}

/** Lines are `hierarchy:controllers:path`: https://man7.org/linux/man-pages/man7/cgroups.7.html */
function membership(root: string): Membership[] {
  const lines = read(join(root, 'proc/self/cgroup'))?.split('\n') ?? []
  return lines.flatMap((line) => {
    const [, controllers, group] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers === undefined || group === undefined) return []
    return controllers === '' || controllers.split(',').includes('cpu') ? [{ controllers, group }] : []
  })
}

/** The group and all above it. Inside a container the upper ones may be the only ones to be seen. */
function upwards(group: string): string[] {
  const names = group.split('/').filter((name) => name !== '')
  return [...names.keys(), names.length].map((length) => names.slice(0, length).join('/'))
}

/** `cpu.max` holds `quota period` in microseconds, or `max period`. */
function quotaV2(root: string, folder: string): number | undefined {
  const [quota, period] =
    read(join(root, 'sys/fs/cgroup', folder, 'cpu.max'))
      ?.trim()
      .split(' ') ?? []
  return ratio(quota, period)
}

/** A quota of −1 means none. */
function quotaV1(root: string, controllers: string, folder: string): number | undefined {
  const group = join(root, 'sys/fs/cgroup', controllers, folder)
  return ratio(read(join(group, 'cpu.cfs_quota_us')), read(join(group, 'cpu.cfs_period_us')))
}

function ratio(quota: string | undefined, period: string | undefined): number | undefined {
  const cpus = Number(quota) / Number(period)
  return Number.isFinite(cpus) && cpus > 0 ? cpus : undefined
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
