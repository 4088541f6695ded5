import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import type { CameraConfig } from '../config.ts'
import type { Source } from '../frame.ts'
import { FfmpegSource } from './ffmpeg.ts'
import type { Launcher } from './ffmpeg-program.ts'
import { FolderSource } from './folder.ts'
import { SnapshotSource, webcamShutter } from './snapshot.ts'

/** The source that a camera's configuration describes. */
export function openSource(
  { source, detect, stall }: CameraConfig,
  { log, clock, ffmpeg }: { log: Log; clock: Clock; ffmpeg: Launcher },
): Source {
  switch (source.kind) {
    case 'folder':
      return new FolderSource(source.path, source.every ?? 0, log, clock)
    case 'snapshot':
      return new SnapshotSource(webcamShutter(source.device), { every: source.every, stall }, clock)
    default:
      return new FfmpegSource(source, { fps: detect.fps, stall, ffmpeg, clock })
  }
}
