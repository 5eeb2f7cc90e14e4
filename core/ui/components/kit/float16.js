// Numbers of 16 bits, as weights are sent: half the bytes of float32, the same answers.

/**
 * Return the number that 16 bits stand for (IEEE 754 binary16); there are no infinities among weights.
 * @param {number} bits
 */
function fromHalf(bits) {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size = exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction;
  return bits >> 15 ? -size : size;
}

/**
 * Return numbers of little-endian float16.
 * @param {Uint8Array} bytes
 */
export function readHalves(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / 2 }, (_, i) => fromHalf(view.getUint16(2 * i, true)));
}
