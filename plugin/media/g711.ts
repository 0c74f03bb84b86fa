/** The logarithmic samples of telephony, A-law and µ-law, as linear ones of 16 bits (ITU-T G.711, tables 1 and 2). */

/** By the byte in the file: 13 bits in the upper end of 16. */
export const A_LAW = /* @__PURE__ */ expansion((byte) => {
  const code = byte ^ 0x55; // every other bit is sent inverted
  const segment = (code >> 4) & 7;
  const step = ((code & 0xf) << 4) + 8; // the middle of the interval
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return (code & 0x80) === 0 ? -magnitude : magnitude;
});

/** By the byte in the file: 14 bits in the upper end of 16. */
export const MU_LAW = /* @__PURE__ */ expansion((byte) => {
  const code = byte ^ 0xff; // all bits are sent inverted
  const magnitude = ((((code & 0xf) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return (code & 0x80) === 0 ? magnitude : -magnitude;
});

function expansion(expand: (byte: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, byte) => expand(byte));
}
