// How a page may be looked at: the one list of dimensions; the rows that a run takes of it. The ordinary run takes a covering array: every
// value of every dimension with every page, and each pair of values of two dimensions somewhere for each role. `./check ux` takes the full
// product. Both are made here, the same at each run.
export const dimensions = {
  lang: ['zh', 'en'],
  theme: ['light', 'dark', 'contrast'],
  size: ['normal', 'large'],
  width: [1280, 320],
  script: ['on', 'off'],
};
const names = Object.keys(dimensions);
export const product = names.reduce((rows, d) => rows.flatMap((r) => dimensions[d].map((v) => ({ ...r, [d]: v }))), [{}]);
export const text = (row) => names.map((d) => (d === 'script' ? `script ${row[d]}` : row[d])).join(' ');

// Pairs of a row: of two dimensions each, and of each with who looks (`role`) and at what (`page`).
function pairsOf(role, page, row) {
  const pairs = [];
  for (const [i, a] of names.entries()) {
    pairs.push(`page ${page} ${a} ${row[a]}`, `role ${role} ${a} ${row[a]}`);
    for (const b of names.slice(i + 1)) pairs.push(`role ${role} ${a} ${row[a]} ${b} ${row[b]}`);
  }
  return pairs;
}
const weight = (pair) => (pair.startsWith('page') ? 100 : 1);

// The covering array: `take(page)` gives the rows for one page; with `once`, for a page that another role has been shown already, one row.
// Greedy: the row with the most pairs that nobody had; where several are alike, by turns.
export function covering(role, seen = new Set()) {
  let turn = 0;
  const best = (page) => {
    let chosen = null;
    let most = -1;
    for (let k = 0; k < product.length; k++) {
      const row = product[(k * 29 + turn * 7) % product.length]; // 29 and the 48 rows have no common divisor: each once
      const gain = pairsOf(role, page, row).reduce((n, p) => n + (seen.has(p) ? 0 : weight(p)), 0);
      if (gain > most) [chosen, most] = [row, gain];
    }
    turn++;
    return [chosen, most];
  };
  return {
    seen,
    take(page, once) {
      const rows = [];
      for (;;) {
        const [row, gain] = best(page);
        if (rows.length && (once || gain < 100)) return rows;
        for (const p of pairsOf(role, page, row)) seen.add(p);
        rows.push(row);
      }
    },
  };
}

// The pairs that rows lack: `rowsOf` is a Map from page to its rows.
export function missing(role, rowsOf) {
  const had = new Set();
  for (const [page, rows] of rowsOf) for (const row of rows) for (const p of pairsOf(role, page, row)) had.add(p);
  const lacking = new Set();
  for (const page of rowsOf.keys()) for (const row of product) for (const p of pairsOf(role, page, row)) if (!had.has(p)) lacking.add(p);
  return [...lacking];
}
