/** Stops this thread, as SIGSTOP or a long computation would: no timer runs and no socket is read meanwhile. */
export function freeze(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
