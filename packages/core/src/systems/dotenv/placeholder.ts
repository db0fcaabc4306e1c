/** Texts that stand where a real secret belongs, as examples and tutorials write them. */
const WHOLE = new Set([
  'secret',
  'password',
  'passwd',
  'pass',
  'token',
  'key',
  'apikey',
  'api_key',
  'api-key',
  'mysecret',
  'mypassword',
  'my-secret',
  'my_secret',
  'supersecret',
  'super-secret',
  'super_secret',
  'topsecret',
  'test',
  'admin',
  'example',
  'sample',
  'dummy',
  'none',
  'null',
  'undefined',
  'value',
  'string',
  'abc123',
  '123456',
  '12345678',
  '1234567890',
  'qwerty',
  'letmein',
  'default',
  'tbd',
  'todo',
  'fixme',
])
const WITHIN =
  /(?:^|[^a-z])your[_ -]\w|(?:^|[^a-z])your(?:own)?(?:key|secret|token|password|apikey)|(?:^|[^a-z])change[_ -]?(?:me|this|it)(?![a-z])|replace[_ -]?(?:me|this|with)(?![a-z])|placeholder|insert[_ -]?(?:your|here)|put[_ -]your|(?:goes|key|secret|token|password)[_ -]here|x{4,}|\.{3}$|not[_ -](?:a[_ -])?(?:real|secure)/i

/** Whether a secret's value is one that was never meant to be used. An empty one is not: it is not set. */
export function isPlaceholder(value: string): boolean {
  const text = value.trim().slice(0, 500)
  return (
    text !== '' && (WHOLE.has(text.toLowerCase()) || /^<[^<>]*>$|^\[[^[\]]*\]$|^\{\{.*\}\}$|^[xX*]{3,}$/.test(text) || WITHIN.test(text))
  )
}
