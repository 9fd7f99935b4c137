// Pixels of Chromium's screenshots: PNG (ISO/IEC 15948), eight bits a channel, not interlaced, which is what Chromium writes.
import { inflateSync } from 'node:zlib';

// Decoded only when somebody asks for its pixels: where the bytes of two pictures are the same, so are these.
export function png(bytes) {
  let decoded = null;
  const own = (k) => ({ get: () => (decoded ??= decode(bytes))[k], enumerable: true });
  return Object.defineProperties({ bytes }, { width: own('width'), height: own('height'), n: own('n'), data: own('data') });
}

function decode(bytes) {
  let at = 8;
  let head;
  const parts = [];
  while (at < bytes.length) {
    const size = bytes.readUInt32BE(at);
    const kind = bytes.toString('latin1', at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + size);
    if (kind === 'IHDR') head = { width: body.readUInt32BE(0), height: body.readUInt32BE(4), depth: body[8], colour: body[9], interlace: body[12] };
    if (kind === 'IDAT') parts.push(body);
    at += size + 12;
  }
  const n = { 2: 3, 6: 4 }[head.colour];
  if (!n || head.depth !== 8 || head.interlace) throw new Error(`a PNG of another kind: ${JSON.stringify(head)}`);
  const raw = inflateSync(Buffer.concat(parts));
  const line = head.width * n;
  const data = Buffer.alloc(line * head.height);
  for (let y = 0; y < head.height; y++) {
    const filter = raw[y * (line + 1)];
    for (let i = 0; i < line; i++) {
      const x = raw[y * (line + 1) + 1 + i];
      const a = i >= n ? data[y * line + i - n] : 0;
      const b = y ? data[(y - 1) * line + i] : 0;
      const c = y && i >= n ? data[(y - 1) * line + i - n] : 0;
      const p = a + b - c;
      const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
      const guess = [0, a, b, (a + b) >> 1, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][filter];
      data[y * line + i] = (x + guess) & 255;
    }
  }
  return { width: head.width, height: head.height, n, data };
}

const linear = Array.from({ length: 256 }, (_, i) => (i / 255 <= 0.04045 ? i / 255 / 12.92 : ((i / 255 + 0.055) / 1.055) ** 2.4));
// Relative luminance of the pixel at byte offset i (WCAG 2.2).
const luminance = (d, i) => 0.2126 * linear[d[i]] + 0.7152 * linear[d[i + 1]] + 0.0722 * linear[d[i + 2]];

// An edge of a letter drawn a second time may round otherwise (up to 7 of 255 were seen); no change that was meant is so small.
const rounding = 12;
const same = (a, i, b, k) => Math.max(Math.abs(a[i] - b[k]), Math.abs(a[i + 1] - b[k + 1]), Math.abs(a[i + 2] - b[k + 2])) <= rounding;

// How many pixels changed at all, and how many changed with a contrast of at least `ratio` between the two pictures.
export function compare(one, two, ratio = 3) {
  if (one.bytes.equals(two.bytes)) return { changed: 0, strong: 0, size: true };
  if (one.width !== two.width || one.height !== two.height) return { changed: Infinity, strong: 0, size: false };
  let changed = 0;
  let strong = 0;
  for (let p = 0, i = 0; p < one.width * one.height; p++, i += one.n) {
    const k = p * two.n;
    if (same(one.data, i, two.data, k)) continue;
    changed++;
    const [a, b] = [luminance(one.data, i), luminance(two.data, k)];
    if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) >= ratio) strong++;
  }
  return { changed, strong, size: true };
}

// The mean relative luminance, and the colour of most pixels as "#rrggbb".
export function ground(picture) {
  const count = new Map();
  let sum = 0;
  const { data, n } = picture;
  for (let i = 0; i < data.length; ) {
    const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
    let k = i; // a run of one colour: most of a page is ground
    while (k < data.length && data[k] === data[i] && data[k + 1] === data[i + 1] && data[k + 2] === data[i + 2]) k += n;
    sum += (luminance(data, i) * (k - i)) / n;
    count.set(colour, (count.get(colour) || 0) + (k - i) / n);
    i = k;
  }
  const most = [...count].sort((a, b) => b[1] - a[1])[0][0];
  return { mean: sum / (picture.width * picture.height), most: `#${most.toString(16).padStart(6, '0')}` };
}
