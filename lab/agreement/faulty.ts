export async function tryFaults(_path: string): Promise<number> {
  return 0
}
