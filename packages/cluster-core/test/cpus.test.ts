import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { expect, test } from 'vitest'
import { cpuQuota, usableCpus } from '../src/cpus.ts'

async function quotaOf(files: Record<string, string>): Promise<number | undefined> {
  await using root = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    const file = join(root.path, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  return cpuQuota(root.path)
}

test('a quota of the own group counts', async () => {
  const files = { 'proc/self/cgroup': '0::/app.slice\n', 'sys/fs/cgroup/app.slice/cpu.max': '150000 100000\n' }
  expect(await quotaOf(files)).toBe(1.5)
})

test('the strictest quota on the way up counts', async () => {
  const files = {
    'proc/self/cgroup': '0::/pod/container\n',
    'sys/fs/cgroup/pod/container/cpu.max': '400000 100000\n',
    'sys/fs/cgroup/pod/cpu.max': '25000 100000\n',
    'sys/fs/cgroup/cpu.max': 'max 100000\n',
  }
  expect(await quotaOf(files)).toBe(0.25)
})

test('a container sees its quota at the root, whatever its group is called outside', async () => {
  const files = { 'proc/self/cgroup': '0::/docker/1f2e\n', 'sys/fs/cgroup/cpu.max': '200000 100000\n' }
  expect(await quotaOf(files)).toBe(2)
})

test('the first version of control groups counts too', async () => {
  const files = {
    'proc/self/cgroup': '5:cpu,cpuacct:/docker/1f2e\n4:memory:/docker/1f2e\n',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '300000\n',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
  }
  expect(await quotaOf(files)).toBe(3)
})

test.each([
  ['there are no control groups', {}],
  ['a file is garbled', { 'proc/self/cgroup': 'nonsense\n0::/\n', 'sys/fs/cgroup/cpu.max': 'more\n' }],
  ['version 2 says max', { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': 'max 100000\n' }],
  [
    'version 1 says -1',
    {
      'proc/self/cgroup': '1:cpu:/\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    },
  ],
])('there is no quota when %s', async (_, files) => {
  expect(await quotaOf(files)).toBeUndefined()
})

test('this process may use at least one CPU, and no more than there are', () => {
  expect(usableCpus()).toBeGreaterThanOrEqual(1)
  expect(usableCpus()).toBeLessThanOrEqual(availableParallelism())
})
