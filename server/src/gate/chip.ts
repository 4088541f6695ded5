import { ProtocolFault } from '@vedette/shared/errors'

/** Longest side of a chip an agent may send, pixels. */
const MOST_PIXELS = 512

/**
 * Checks by its headers alone that `bytes` are a JPEG of at most so many pixels a side; nothing is
 * decoded here.
 * Throws ProtocolFault `chip.not-jpeg`, `chip.too-large`.
 *
 *   FF D8, then segments FF <marker> <length, 2 bytes, big-endian, itself included> …
 *   A frame header (marker C0 … CF save C4, C8, CC) has height and width 5 and 7 bytes in.
 *
 * Source: ITU-T T.81, annex B.
 */
export function checkChip(bytes: Uint8Array, most = MOST_PIXELS): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const uint16 = (at: number) => (at + 2 <= bytes.length ? view.getUint16(at) : notJpeg())
  if (uint16(0) !== 0xffd8) notJpeg()
  for (let at = 2; ; at += 2 + uint16(at + 2)) {
    const marker = uint16(at)
    if (marker < 0xffc0 || marker === 0xffda || uint16(at + 2) < 2) notJpeg()
    const isFrame = marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)
    if (!isFrame) continue
    const [height, width] = [uint16(at + 5), uint16(at + 7)]
    if (height === 0 || width === 0) notJpeg()
    if (height <= most && width <= most) return
    throw new ProtocolFault('chip.too-large', `chip of ${width}×${height} pixels`)
  }
}

function notJpeg(): never {
  throw new ProtocolFault('chip.not-jpeg', 'chip is not a JPEG')
}
