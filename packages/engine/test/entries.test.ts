import { describe, expect, test } from 'vitest'
import { Driver, firstWall } from './driver.ts'

function versionOf(answer: unknown): number {
  return typeof answer === 'object' && answer !== null && 'version' in answer ? Number(answer.version) : Number.NaN
}

describe('set', () => {
  test('gives a version that is at least the wall clock and never comes again', () => {
    const driver = new Driver()
    const first = versionOf(driver.changeEntry('e', { kind: 'set', value: 'one' }))
    expect(first).toBe(firstWall + 5_000_000)
    driver.changeEntry('e', { kind: 'delete' })
    const second = versionOf(driver.changeEntry('e', { kind: 'set', value: 'two' }))
    expect(second).toBeGreaterThan(first)
    expect(driver.readEntry('e')).toEqual({ value: 'two', version: second, expiresIn: null })
  })

  test('with ifVersion is applied only to that version, and answers with the present one', () => {
    const driver = new Driver()
    const version = versionOf(driver.changeEntry('e', { kind: 'set', value: 'one', ifVersion: 0 }))
    const refused = { applied: false, version }
    expect(driver.changeEntry('e', { kind: 'set', value: 'no', ifVersion: 0 })).toEqual(refused)
    expect(driver.changeEntry('e', { kind: 'set', value: 'no', ifVersion: version - 1 })).toEqual(refused)
    expect(driver.changeEntry('e', { kind: 'set', value: 'two', ifVersion: version })).toMatchObject({ applied: true })
    expect(driver.changeEntry('absent', { kind: 'set', value: 'no', ifVersion: version })).toEqual({
      applied: false,
      version: 0,
    })
  })

  test('replaces the lifetime', () => {
    const driver = new Driver()
    driver.changeEntry('e', { kind: 'set', value: 'one', ttl: 1_000 })
    expect(driver.readEntry('e')).toMatchObject({ expiresIn: 1_000 })
    driver.changeEntry('e', { kind: 'set', value: 'two', ttl: 400 })
    expect(driver.readEntry('e')).toMatchObject({ expiresIn: 400 })
    driver.changeEntry('e', { kind: 'set', value: 'three' })
    driver.pass(10_000)
    expect(driver.readEntry('e')).toMatchObject({ value: 'three', expiresIn: null })
  })
})

describe('lifetimes', () => {
  test('an expired entry is never returned, touched or matched, tick or no tick', () => {
    const driver = new Driver()
    const version = versionOf(driver.changeEntry('e', { kind: 'set', value: 'one', ttl: 1_000 }))
    driver.pass(999)
    expect(driver.readEntry('e')).toMatchObject({ value: 'one', expiresIn: 1 })
    driver.pass(1)
    expect(driver.readEntry('e')).toBeNull()
    expect(driver.changeEntry('e', { kind: 'touch', ttl: 1_000 })).toEqual({ applied: false, version: 0 })
    expect(driver.changeEntry('e', { kind: 'delete' })).toEqual({ applied: false, version: 0 })
    expect(driver.changeEntry('e', { kind: 'set', value: 'no', ifVersion: version })).toEqual({
      applied: false,
      version: 0,
    })
    expect(driver.changeEntry('e', { kind: 'set', value: 'two', ifVersion: 0 })).toMatchObject({ applied: true })
  })

  test('touch moves the end, sooner too, and keeps the version', () => {
    const driver = new Driver()
    const version = versionOf(driver.changeEntry('e', { kind: 'set', value: 'one', ttl: 1_000 }))
    expect(driver.changeEntry('e', { kind: 'touch', ttl: 60_000 })).toEqual({ applied: true, version })
    driver.pass(2_000)
    driver.tick()
    expect(driver.readEntry('e')).toEqual({ value: 'one', version, expiresIn: 58_000 })
    driver.changeEntry('e', { kind: 'touch', ttl: 10 })
    driver.pass(26)
    driver.tick()
    expect(driver.engine.stats()).toMatchObject({ entries: 0 })
  })

  test('maxLifetime fixes an end that no later set or touch moves', () => {
    const driver = new Driver()
    driver.changeEntry('e', { kind: 'set', value: 'one', ttl: 600, maxLifetime: 1_000 })
    driver.pass(500)
    driver.changeEntry('e', { kind: 'touch', ttl: 60_000 })
    expect(driver.readEntry('e')).toMatchObject({ expiresIn: 500 })
    driver.changeEntry('e', { kind: 'set', value: 'two', maxLifetime: 60_000 })
    expect(driver.readEntry('e')).toMatchObject({ value: 'two', expiresIn: 500 })
    driver.pass(500)
    expect(driver.readEntry('e')).toBeNull()
    driver.changeEntry('e', { kind: 'set', value: 'three', ttl: 9_000 })
    expect(driver.readEntry('e')).toMatchObject({ expiresIn: 9_000 })
  })

  test('maxLifetime without a ttl is the end of the entry; on an existing one it is ignored', () => {
    const driver = new Driver()
    driver.changeEntry('ends', { kind: 'set', value: 'one', maxLifetime: 1_000 })
    expect(driver.readEntry('ends')).toMatchObject({ expiresIn: 1_000 })
    driver.changeEntry('stays', { kind: 'set', value: 'one' })
    driver.changeEntry('stays', { kind: 'set', value: 'two', maxLifetime: 1_000 })
    expect(driver.readEntry('stays')).toMatchObject({ expiresIn: null })
  })
})

describe('a tombstone', () => {
  test('refuses every set until it ends', () => {
    const driver = new Driver()
    driver.changeEntry('e', { kind: 'set', value: 'one' })
    expect(driver.changeEntry('e', { kind: 'delete', tombstone: 1_000 })).toEqual({ applied: true, version: 0 })
    const refused = { applied: false, version: 0 }
    driver.pass(999)
    expect(driver.changeEntry('e', { kind: 'set', value: 'back' })).toEqual(refused)
    expect(driver.changeEntry('e', { kind: 'set', value: 'back', ifVersion: 0 })).toEqual(refused)
    expect(driver.readEntry('e')).toBeNull()
    driver.pass(1)
    expect(driver.changeEntry('e', { kind: 'set', value: 'new' })).toMatchObject({ applied: true })
  })

  test('is left by the delete of an absent entry too', () => {
    const driver = new Driver()
    expect(driver.changeEntry('e', { kind: 'delete', tombstone: 1_000 })).toEqual({ applied: false, version: 0 })
    expect(driver.changeEntry('e', { kind: 'set', value: 'back' })).toMatchObject({ applied: false })
  })

  test('is never shortened, only prolonged', () => {
    const driver = new Driver()
    driver.changeEntry('e', { kind: 'delete', tombstone: 1_000 })
    driver.changeEntry('e', { kind: 'delete', tombstone: 10 })
    driver.changeEntry('e', { kind: 'delete' })
    driver.pass(999)
    expect(driver.changeEntry('e', { kind: 'set', value: 'back' })).toMatchObject({ applied: false })
    driver.changeEntry('e', { kind: 'delete', tombstone: 1_000 })
    driver.pass(500)
    driver.tick()
    expect(driver.changeEntry('e', { kind: 'set', value: 'back' })).toMatchObject({ applied: false })
    driver.pass(516)
    driver.tick()
    expect(driver.engine.stats()).toMatchObject({ tombstones: 0 })
  })
})
