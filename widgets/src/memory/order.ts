/** The order of many numbers: a radix sort, many times as fast as sorting places with a comparison. */

const RADIX = 65_536;

/** The places of numbers that are not negative, smallest first; equal ones keep their order. */
export function orderOf(values: Float64Array): Int32Array {
  const n = values.length;
  // The bits of such numbers, read as whole numbers, are in the order of the numbers.
  const digits = new Uint16Array(values.slice().buffer);
  const counts = new Int32Array(RADIX);
  let from = Int32Array.from({ length: n }, (_, i) => i);
  let to = new Int32Array(n);
  for (let digit = 0; digit < 4; digit++) {
    counts.fill(0);
    for (let i = 0; i < n; i++) {
      counts[digits[4 * i + digit]] += 1;
    }
    if (n > 0 && counts[digits[digit]] === n) {
      continue; // all alike
    }
    let sum = 0;
    for (let value = 0; value < RADIX; value++) {
      const count = counts[value];
      counts[value] = sum;
      sum += count;
    }
    for (let i = 0; i < n; i++) {
      const place = from[i];
      to[counts[digits[4 * place + digit]]++] = place;
    }
    [from, to] = [to, from];
  }
  return from;
}
