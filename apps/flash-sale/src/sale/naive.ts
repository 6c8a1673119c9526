/** The mistake of the textbooks: the stock is a variable, every worker has its own, and so each of them sells all of it. */
export class NaiveSale {
  readonly #size: number
  #sale = ''
  #stock = 0

  constructor(size: number) {
    this.#size = size
  }

  /** The number of the unit, or `null`: sold out. */
  buy(sale: string): number | null {
    if (sale !== this.#sale) this.#open(sale)
    return this.#stock > 0 ? this.#stock-- : null
  }

  #open(sale: string): void {
    this.#sale = sale
    this.#stock = this.#size
  }
}
