/** Rows of two sets of dimensions as a table: one dimension goes across the top. */

const MOST_ACROSS = 8;

/**
 * @param {any[]} rows @param {string[]} down  dimensions of the rows @param {string} across @param {string} metric
 * @returns {{across: any[], rest: boolean, lines: {row: any, cells: (number | null)[], total: number}[]}}
 */
export function pivoted(rows, down, across, metric) {
  const sums = new Map();
  for (const row of rows) sums.set(row[across], (sums.get(row[across]) ?? 0) + row[metric]);
  const ranked = [...sums].sort((one, other) => other[1] - one[1]).map(([value]) => value);
  const shown = ranked.slice(0, MOST_ACROSS);
  const lines = new Map();
  for (const row of rows) {
    const key = JSON.stringify(down.map((name) => row[name]));
    if (!lines.has(key)) lines.set(key, {row, cells: shown.map(() => null), total: 0});
    const line = lines.get(key);
    const at = shown.indexOf(row[across]);
    if (at >= 0) line.cells[at] = row[metric];
    line.total += row[metric];
  }
  const names = new Map(rows.map((row) => [row[across], row]));
  return {
    across: shown.map((value) => names.get(value)), rest: ranked.length > shown.length,
    lines: [...lines.values()].sort((one, other) => other.total - one.total),
  };
}
