/** Numbers from 0 to below 1, the same for the same seed (Marsaglia: "Xorshift RNGs", 2003). */
export function random(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

export function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 31)
}
