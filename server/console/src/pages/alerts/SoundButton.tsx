import { soundState, toggleSound } from '../../alerts/voice.ts'
import { Button } from '../../parts/Button.tsx'
import { useWords } from '../../words.ts'

/** Whether alerts are heard; where they are not, that is not to be missed. */
export function SoundButton() {
  const t = useWords('alerts')
  const state = soundState.value
  return (
    <Button
      kind={state === 'on' ? 'quiet' : 'danger'}
      aria-pressed={state === 'on'}
      data-sound={state}
      title={t(`sound.${state}Title`)}
      onClick={toggleSound}
    >
      <svg width="18" height="18" viewBox="0 0 24 24" aria-hidden="true">
        <path
          d={
            state === 'on'
              ? 'M4 9v6h4l5 4V5L8 9ZM16 8a5 5 0 0 1 0 8M18.500 5.500a9 9 0 0 1 0 13'
              : 'M4 9v6h4l5 4V5L8 9ZM16 9l6 6M22 9l-6 6'
          }
          fill="none"
          stroke="currentColor"
          stroke-width="1.9"
        />
      </svg>
      {t(`sound.${state}`)} <kbd>M</kbd>
    </Button>
  )
}
