/** Every value of a header, in order, each as it was sent. `headers`: names and values by turns; `name`: in lower case. */
export function headerValues(headers: readonly string[], name: string): readonly string[] {
  const found: string[] = []
  for (let index = 0; index + 1 < headers.length; index += 2)
    if (headers[index]?.toLowerCase() === name) found.push(headers[index + 1] ?? '')
  return found
}
