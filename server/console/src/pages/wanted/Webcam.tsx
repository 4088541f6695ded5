import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { useWords } from '../../words.ts'
import { still } from './pictures.ts'

type WebcamProps = { onTaken: (shots: Blob[]) => void; onClose: () => void }
type Taken = { blob: Blob; url: string }
type State = 'asking' | 'on' | 'denied' | 'none' | 'busy'

const COUNT = 3
const SECOND_MS = 1000
const WANTED = { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: 'user' }

/** Takes pictures with the camera of this device, which is switched off when it closes. */
export function Webcam({ onTaken, onClose }: WebcamProps) {
  const t = useWords('wanted')
  const video = useRef<HTMLVideoElement>(null)
  const state = useSignal<State>('asking')
  const cameras = useSignal<MediaDeviceInfo[]>([])
  const device = useSignal<string | undefined>(undefined)
  const left = useSignal(0)
  const taken = useSignal<readonly Taken[]>([])

  useEffect(() => {
    let stream: MediaStream | undefined
    let gone = false
    const start = async () => {
      try {
        const which = device.value ? { ...WANTED, deviceId: { exact: device.value } } : WANTED
        stream = await navigator.mediaDevices.getUserMedia({ video: which, audio: false })
        if (gone) return stop(stream)
        if (video.current) video.current.srcObject = stream
        await video.current?.play()
        const all = await navigator.mediaDevices.enumerateDevices()
        cameras.value = all.filter(({ kind }) => kind === 'videoinput')
        state.value = 'on'
      } catch (error) {
        if (!gone) state.value = stateOf(error)
      }
    }
    void start()
    return () => {
      gone = true
      if (stream) stop(stream)
    }
  }, [device.value])

  useEffect(() => () => forget(taken.peek()), [])

  useEffect(() => {
    if (left.value === 0) return
    const timer = setTimeout(async () => {
      left.value--
      if (left.value > 0 || video.current === null) return
      const blob = await still(video.current)
      taken.value = [...taken.peek(), { blob, url: URL.createObjectURL(blob) }]
    }, SECOND_MS)
    return () => clearTimeout(timer)
  }, [left.value])

  const drop = (gone: Taken) => {
    forget([gone])
    taken.value = taken.value.filter((one) => one !== gone)
  }
  const isOn = state.value === 'on'
  return (
    <Dialog
      wide
      title={t('webcam.title')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button
            kind="primary"
            disabled={taken.value.length === 0}
            onClick={() => onTaken(taken.value.map(({ blob }) => blob))}
          >
            {t('webcam.use', { count: taken.value.length })}
          </Button>
        </>
      }
    >
      <p>{t('webcam.text')}</p>
      {state.value !== 'on' && state.value !== 'asking' && (
        <div class="problem" role="alert">
          <p>{t(`webcam.${state.value}`)}</p>
          <p class="hint">{t(`webcam.${state.value}Hint`)}</p>
        </div>
      )}
      <div class="wanted-webcam" data-state={state.value}>
        <video ref={video} muted playsInline aria-label={t('webcam.preview')} />
        <svg viewBox="0 0 160 90" aria-hidden="true">
          <ellipse cx="80" cy="43" rx="19" ry="26" />
        </svg>
        {left.value > 0 && <span class="count">{left.value}</span>}
      </div>
      <p class="unseen" aria-live="assertive">
        {left.value > 0 ? left.value : ''}
      </p>
      <div class="row">
        <Button
          kind="primary"
          disabled={!isOn || left.value > 0}
          onClick={() => {
            left.value = COUNT
          }}
        >
          {t(taken.value.length === 0 ? 'webcam.take' : 'webcam.another')}
        </Button>
        {cameras.value.length > 1 && (
          <select
            aria-label={t('webcam.camera')}
            onChange={(event) => {
              device.value = event.currentTarget.value
            }}
          >
            {cameras.value.map(({ deviceId, label }) => (
              <option key={deviceId} value={deviceId}>
                {label}
              </option>
            ))}
          </select>
        )}
      </div>
      <ul class="wanted-taken" aria-live="polite">
        {taken.value.map((one, i) => (
          <li key={one.url}>
            <img src={one.url} alt={t('webcam.shot', { number: i + 1 })} />
            <Button onClick={() => drop(one)}>{t('webcam.retake')}</Button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

function forget(taken: readonly Taken[]): void {
  for (const { url } of taken) URL.revokeObjectURL(url)
}

/** Source: Media Capture and Streams, 10.3 getUserMedia. */
function stateOf(error: unknown): State {
  const name = error instanceof Error ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'none'
}
