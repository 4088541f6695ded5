/**
 * A sequence parameter set of H.264 (ITU-T H.264, 7.3.2.1.1), baseline, that claims pictures of so
 * many macroblocks of 16×16.
 */
export function spsOf(widthInBlocks: number, heightInBlocks: number): Buffer {
  let bits = ''
  const fixed = (value: number, length: number) => {
    bits += value.toString(2).padStart(length, '0')
  }
  const golomb = (value: number) => {
    const code = (value + 1).toString(2)
    bits += '0'.repeat(code.length - 1) + code
  }
  fixed(66, 8) // profile_idc
  fixed(0xc0, 8)
  fixed(62, 8) // level_idc
  golomb(0) // seq_parameter_set_id
  golomb(0) // log2_max_frame_num_minus4
  golomb(2) // pic_order_cnt_type
  golomb(16) // max_num_ref_frames
  fixed(0, 1)
  golomb(widthInBlocks - 1)
  golomb(heightInBlocks - 1)
  fixed(1, 1) // frame_mbs_only_flag
  fixed(1, 1)
  fixed(0, 1)
  fixed(0, 1)
  bits += '1'
  const bytes = bits.match(/.{1,8}/g)!.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2))
  return Buffer.from([0x67, ...bytes])
}
