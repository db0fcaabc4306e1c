const rows = 'ABCDEFGH';

export const seats = [...rows].flatMap((row) =>
  Array.from({ length: 12 }, (_, i) => ({ id: `${row}${i + 1}`, taken: false })),
);
