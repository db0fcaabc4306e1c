export function validate(body: { email?: string; text?: string } | undefined): string[] {
  const problems: string[] = []
  if (!body?.email?.includes('@')) problems.push('email')
  if (!body?.text) problems.push('text')
  return problems
}
