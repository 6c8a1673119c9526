/** The mistake of the textbooks: the stock is a variable, every worker has its own, and so each of them sells all of it. */
export class NaiveSale {
  readonly #size: number
  #sale = ''
  #stock = 0

  constructor(size: number) {
    this.#size = size
  }

  buy(sale: string): boolean {
    if (sale !== this.#sale) this.#open(sale)
    if (this.#stock > 0) {
      this.#stock--
      return true
    }
    return false
  }

  #open(sale: string): void {
    this.#sale = sale
    this.#stock = this.#size
  }
}
