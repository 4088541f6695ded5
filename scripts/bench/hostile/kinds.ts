import { fileKinds } from './file-kinds.ts'
import { httpKinds } from './http-kinds.ts'
import type { Kind } from './kind.ts'
import { rtspKinds } from './rtsp-kinds.ts'

/** Every kind; with `pictures` it is one of which pictures must come all the same. */
export const KINDS: readonly Kind[] = [
  ...rtspKinds,
  ...httpKinds,
  ...fileKinds,
  { name: 'device that is missing', of: 'device', path: '/dev/video99' },
  { name: 'device that is none', of: 'device', path: '/dev/zero' },
  { name: 'ffmpeg stopped', of: 'process', signal: 'SIGSTOP' },
  { name: 'ffmpeg killed', of: 'process', signal: 'SIGKILL' },
  { name: 'ffmpeg crashed', of: 'process', signal: 'SIGSEGV' },
]
