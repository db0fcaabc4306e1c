const LINE = /^<(\d+)>(.*)$/s;

export function parse(text) {
  const match = LINE.exec(text);
  if (!match) return { severity: 6, facility: 1, text };
  const priority = Number(match[1]);
  return { severity: priority % 8, facility: priority >> 3, text: match[2].trim() };
}
