import type { Reporter, TestModule, Vitest } from 'vitest/node'

/** Says at the end which tests were skipped. Their titles say why, and how to get what is missing; the default reporter of vitest gives only their number. */
export class SkippedTests implements Reporter {
  #chosen = false

  onInit({ config }: Vitest): void {
    // With -t all others are skipped, by choice.
    this.#chosen = config.testNamePattern !== undefined
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#chosen) return
    const titles = modules.flatMap(({ children }) => [...children.allTests('skipped')].map(({ fullName }) => fullName))
    if (titles.length > 0) console.log(['', 'Skipped:', ...titles.map((title) => `  ${title}`), ''].join('\n'))
  }
}
