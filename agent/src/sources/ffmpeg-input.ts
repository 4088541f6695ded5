import type { SourceConfig } from '../config.ts'

export type FfmpegSourceConfig = Extract<
  SourceConfig,
  { kind: 'rtsp' | 'mjpeg' | 'device' | 'file' }
>

/** What a program needs of the machine; it is given nothing else. */
export type Needs = {
  network: boolean
  /** Absolute paths that it reads. */
  files: readonly string[]
  /** Device nodes that it opens. */
  devices: readonly string[]
}

/** A source, as ffmpeg is told of it. */
export type FfmpegInput = {
  needs: Needs
  /** Command-line arguments up to and including `-i` and the name. */
  args: string[]
  /** What its standard input says. */
  script?: string
  /** Filters that leave so many pictures a second, at most. */
  paced: (fps: number) => string[]
}

const NOTHING: Needs = { network: false, files: [], devices: [] }

/** No single allocation is larger, bytes: pictures are smaller, the index of a long file is not. */
const MOST_ALLOCATED = { camera: 64 * 2 ** 20, file: 256 * 2 ** 20 }
/** No picture has more; a camera of twelve megapixels has fewer. */
const MOST_PIXELS = 4096 * 4096
const MOST_STREAMS = 16
/** Threads of one decoder: each costs memory. */
const THREADS = 2

const CAMERA_CODECS = 'h264,hevc,mjpeg,mpeg4'
const DEVICE_CODECS = 'rawvideo,mjpeg,h264,hevc'
const FILE_CODECS =
  'h264,hevc,mjpeg,mpeg4,mpeg2video,mpeg1video,msmpeg4v2,msmpeg4v3,h263,flv,vp8,vp9,libdav1d,libaom-av1,av1,' +
  'theora,dvvideo,prores,dnxhd,ffv1,huffyuv,ffvhuff,utvideo,rawvideo'
/** Containers of video, and bare streams: no play-lists, no pictures, no scripts. */
const FILE_FORMATS =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,nut,mxf,dv,ivf,m4v,' +
  'h264,hevc,mjpeg,mpjpeg,obu,yuv4mpegpipe'

/** Whatever a camera says of its times, a picture is of the moment in which it came. */
const OWN_TIME = ['settb=1/1000', 'setpts=RTCTIME/1000']
/** In a file no gap is longer than a minute, the first one neither, and none leads back. */
const STEADY_TIME = [
  'settb=1/1000',
  "setpts='if(isnan(PREV_OUTPTS),if(isnan(PTS),0,clip(PTS,0,60000)),PREV_OUTPTS+clip(PTS-PREV_INPTS,0,60000))'",
]
/** Pictures of a camera may come a little sooner than their share of a second. */
const EARLY = 0.9

/** Leaves pictures out until there are `fps` a second; makes up none. A clock that is set does no harm. */
function thinned(fps: number): string {
  const since = 't-prev_selected_t'
  return `select='isnan(prev_selected_t)+gte(${since},${(EARLY / fps).toFixed(3)})+lt(${since},0)'`
}

/**
 * How ffmpeg opens a source with the smallest rights that do: only the protocols, containers and
 * decoders of its kind. An address goes to its standard input and not on the command line, where
 * everybody on the machine could read the password in it.
 */
export function ffmpegInput(config: FfmpegSourceConfig): FfmpegInput {
  switch (config.kind) {
    case 'rtsp': {
      const { transport } = config
      const lower = transport === 'tcp' ? 'tcp,tls' : 'tcp,tls,udp,rtp,srtp'
      const allowed = { protocols: `pipe,rtsp,rtsps,crypto,${lower}`, formats: 'concat,rtsp' }
      return fromNetwork(allowed, config.url, [`rtsp_transport ${transport}`, 'timeout 8000000'])
    }
    case 'mjpeg': {
      const allowed = { protocols: 'pipe,http,https,tcp,tls', formats: 'concat,mpjpeg,mjpeg' }
      return fromNetwork(allowed, config.url, ['rw_timeout 8000000'])
    }
    case 'device': {
      const size = config.size ? ['-video_size', config.size] : []
      return {
        needs: { ...NOTHING, devices: [config.path] },
        args: [
          ...limited({ protocols: 'file', formats: 'video4linux2,v4l2', codecs: DEVICE_CODECS }),
          ...['-f', 'v4l2', ...size, '-i', config.path],
        ],
        paced: asTheyCome,
      }
    }
    case 'file': {
      const pace = config.pace === 'realtime' ? ['-re'] : []
      const loop = config.loop ? ['-stream_loop', '-1'] : []
      return {
        needs: { ...NOTHING, files: [config.path] },
        args: [
          ...limited(
            { protocols: 'file', formats: FILE_FORMATS, codecs: FILE_CODECS },
            MOST_ALLOCATED.file,
          ),
          ...[...pace, ...loop, '-i', `file:${config.path}`],
        ],
        paced: (fps) => [...STEADY_TIME, `fps=${fps}`],
      }
    }
  }
}

const asTheyCome = (fps: number) => [...OWN_TIME, thinned(fps)]

/** A list of one address, which ffmpeg reads from its standard input. */
function fromNetwork(
  allowed: { protocols: string; formats: string },
  url: string,
  options: readonly string[],
): FfmpegInput {
  const lines = [
    'ffconcat version 1.0',
    `file '${url.replaceAll("'", String.raw`'\''`)}'`,
    ...[...options, 'fpsprobesize 0', `max_streams ${MOST_STREAMS}`].map(
      (option) => `option ${option}`,
    ),
  ]
  return {
    needs: { ...NOTHING, network: true },
    args: [
      ...limited({ ...allowed, codecs: CAMERA_CODECS }),
      // How many frames a second the camera says that it sends is of no interest.
      ...['-fflags', 'nobuffer', '-flags', 'low_delay', '-fpsprobesize', '0'],
      ...['-f', 'concat', '-safe', '0', '-i', 'pipe:0'],
    ],
    script: `${lines.join('\n')}\n`,
    paced: asTheyCome,
  }
}

function limited(
  allowed: { protocols: string; formats: string; codecs: string },
  mostAllocated = MOST_ALLOCATED.camera,
): string[] {
  return [
    ...['-max_alloc', String(mostAllocated)],
    ...['-protocol_whitelist', allowed.protocols, '-format_whitelist', allowed.formats],
    ...['-codec_whitelist', allowed.codecs, '-max_pixels', String(MOST_PIXELS)],
    ...['-max_streams', String(MOST_STREAMS), '-threads', String(THREADS)],
  ]
}
