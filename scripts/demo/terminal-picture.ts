import sharp from 'sharp'

const COLUMNS = 76

/** A JPEG as coloured half blocks, two pixels to a character, for terminals with 24-bit colour. */
export async function terminalPicture(jpeg: Uint8Array): Promise<string> {
  const { data, info } = await sharp(jpeg)
    .resize({ width: COLUMNS })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const pixel = (x: number, y: number) => {
    const at = (Math.min(y, info.height - 1) * info.width + x) * 3
    return `${data[at]};${data[at + 1]};${data[at + 2]}`
  }
  const lines: string[] = []
  for (let y = 0; y < info.height; y += 2) {
    let line = ''
    for (let x = 0; x < info.width; x++) {
      line += `\u001b[38;2;${pixel(x, y)}m\u001b[48;2;${pixel(x, y + 1)}m▀`
    }
    lines.push(`${line}\u001b[0m`)
  }
  return lines.join('\n')
}
