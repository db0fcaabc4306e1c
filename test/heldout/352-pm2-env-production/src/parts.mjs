const parts = new Map([
  ['filter', { id: 'filter', left: 12 }],
  ['gasket', { id: 'gasket', left: 3 }],
]);

export const list = () => [...parts.values()];

export function take(id) {
  const part = parts.get(id);
  if (!part || part.left === 0) return undefined;
  part.left -= 1;
  return part;
}
